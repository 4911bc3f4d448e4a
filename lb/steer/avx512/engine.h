// The decision with AVX-512: the same verdicts, counters and state as steer::DecideBurst, faster
// for the packets that are most of the traffic. A reader may skip this room: the scalar engine
// (lb/steer/scalar.h) says what is decided, this one only how to do it 32 packets at a time, and
// engine_test.cc holds the two together.
//
// Stages, each over the whole burst: parse (parse_lanes.cc), hash (hash_lanes.cc), read cookies
// (cookie_lanes.cc), decode tokens, fetch tables ahead, decide in order, count. Packets that are
// not plain go to the scalar engine, in their turn.
#pragma once

#include <cstdint>
#include <span>

#include "base/clock.h"
#include "lb/steer/avx512/target.h"
#include "lb/steer/lcore_state.h"
#include "lb/steer/snapshot.h"
#include "lb/steer/verdict.h"

namespace joinery::steer::avx512 {
inline namespace JOINERY_LANES {

// Whether this CPU and kernel can run it.
[[nodiscard]] bool Supported() noexcept;

// As steer::DecideBurst. REQUIRES: Supported().
void DecideBurst(const Snapshot& snapshot, LcoreState& state,
                 std::span<const std::span<const uint8_t>> frames, Instant now,
                 std::span<Verdict> verdicts) noexcept;

}  // namespace JOINERY_LANES
}  // namespace joinery::steer::avx512
