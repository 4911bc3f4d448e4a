// What a balancer with this snapshot does with a packet, and why, as JSON: the live counterpart of
// joinery-pcap, by the same decision and the same printers. Nothing is sent, counted or remembered.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "lb/steer/snapshot.h"

namespace joinery::explain {

// {"packet":"198.18.9.1:40000 > 198.18.1.1:80 S 1:1(0) win 65535 <mpjoin ...>",
//  "verdict":"token gen 1 (serial 7) id 5 -> web/b1",
//  "why":"an MP_JOIN SYN: the receiver's token names the backend",
//  "action":"forward","rule":"token","pool":"web","backend":"b1","notes":[],"version":3}
// on one line. Members that do not apply are left out; a drop has a "reason". A note has its
// sentence in "why". What only the cache of a forwarding core knows is not asked: where that may
// decide otherwise, "why" says so.
[[nodiscard]] std::string Explain(const steer::Snapshot& snapshot, std::span<const uint8_t> frame);

}  // namespace joinery::explain
