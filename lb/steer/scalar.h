// The scalar engine: the reference for what is decided, and what decides on CPUs without AVX-512.
#pragma once

#include <cstdint>
#include <span>

#include "base/clock.h"
#include "lb/steer/lcore_state.h"
#include "lb/steer/snapshot.h"
#include "lb/steer/verdict.h"

namespace joinery::steer {

// As DecideBurst (steer.h), on any CPU.
void DecideBurstScalar(const Snapshot& snapshot, LcoreState& state,
                       std::span<const std::span<const uint8_t>> frames, Instant now,
                       std::span<Verdict> verdicts) noexcept;

}  // namespace joinery::steer
