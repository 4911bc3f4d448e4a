// The one text form of a verdict, for joinery-pcap, logs and tests.
#pragma once

#include <string>

#include "lb/steer/snapshot.h"
#include "lb/steer/verdict.h"

namespace joinery::steer {

// "token gen 1 (serial 7) id 5 -> web/b2"
// "hash -> web/b1 [join_unroutable]"
// "drop join_rate: token gen 1 (serial 7) id 5 -> web/b2"
// "drop malformed: bad_ip_version"
// "local"
// Notes are in brackets. `snapshot` is the one that the verdict was made with.
[[nodiscard]] std::string ToString(const Verdict& verdict, const Snapshot& snapshot);

}  // namespace joinery::steer
