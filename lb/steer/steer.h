// The decision: packets in, verdicts out. Pure but for the LcoreState that the caller owns; never
// allocates, locks, logs or calls the system. The DPDK plane, joinery-pcap, the fuzzers and the
// benchmarks all call this.
#pragma once

#include <cstdint>
#include <span>

#include "base/clock.h"
#include "lb/steer/lcore_state.h"
#include "lb/steer/snapshot.h"
#include "lb/steer/verdict.h"

namespace joinery::steer {

// Decides about each frame and counts it; verdicts[i] is for frames[i], and
// verdicts.size() >= frames.size(). Any number of frames; 32 at a time is best. A frame begins with
// its Ethernet header and may be longer than 65,535 bytes only to be dropped. `now` never goes back
// between calls with one state.
void DecideBurst(const Snapshot& snapshot, LcoreState& state,
                 std::span<const std::span<const uint8_t>> frames, Instant now,
                 std::span<Verdict> verdicts) noexcept;

}  // namespace joinery::steer
