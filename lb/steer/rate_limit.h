// How many a second: the generic cell rate algorithm (ITU-T I.371), one instant of state for each
// limit. A limit that has been idle lets kBurst's worth through at once, then `rate` a second.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace joinery::steer {

class RateLimit {
 public:
  static constexpr Nanoseconds kBurst = std::chrono::milliseconds(100);

  // True when one more is allowed at `now`. `rate` is a second, up to 10^9, and may change from
  // call to call; 0 allows none.
  [[nodiscard]] bool Allow(uint32_t rate, Instant now) noexcept {
    if (rate == 0) return false;
    const Instant start = next_ > now ? next_ : now;
    if (start - now >= kBurst) return false;
    next_ = start + Nanoseconds((1'000'000'000 + rate - 1) / rate);
    return true;
  }

 private:
  Instant next_{};  // when the last one allowed would have come at an even pace, plus one
};

}  // namespace joinery::steer
