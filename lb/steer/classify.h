// Whether a frame is for a pool at all: parsed, whole, for a virtual address and a port that is
// served there, and not at the end of its life.
#pragma once

#include <cstdint>
#include <span>

#include "lb/steer/snapshot.h"
#include "lb/steer/verdict.h"
#include "wire/packet_view.h"

namespace joinery::steer {

// kForward: a TCP or UDP packet to `pool`, whose backend is still to be found; or an ICMP error to
// a virtual address, of which the pool is not known either (icmp_error.h). kLocal and kDrop are
// final. `view` is the parsed frame unless it is malformed. Both are as new ones before.
void Classify(const Snapshot& snapshot, std::span<const uint8_t> frame, wire::PacketView& view,
              Verdict& verdict) noexcept;

}  // namespace joinery::steer
