// A verdict for programs: what joinery-pcap --json and the live explain have in common.
#pragma once

#include <string>
#include <string_view>

#include "lb/steer/snapshot.h"
#include "lb/steer/verdict.h"

namespace joinery::steer {

// `"action":"forward","rule":"token","pool":"web","backend":"b1","notes":[]`: the members without
// braces. A drop has a "reason"; what does not apply is left out.
[[nodiscard]] std::string VerdictMembers(const Verdict& verdict, const Snapshot& snapshot);

// As a JSON string. The text is printable ASCII, as all of ours are.
[[nodiscard]] std::string Quoted(std::string_view text);

}  // namespace joinery::steer
