// Which engine decides: asked of the CPU once, at start.
#include "lb/steer/avx512/engine.h"
#include "lb/steer/scalar.h"
#include "lb/steer/steer.h"

namespace joinery::steer {

void DecideBurst(const Snapshot& snapshot, LcoreState& state,
                 std::span<const std::span<const uint8_t>> frames, Instant now,
                 std::span<Verdict> verdicts) noexcept {
  static const auto best = avx512::Supported() ? &avx512::DecideBurst : &DecideBurstScalar;
  best(snapshot, state, frames, now, verdicts);
}

}  // namespace joinery::steer
