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
    return rate != 0 && AllowEvery(Interval(rate), now);
  }

  // The same for whoever keeps the interval of a rate that stays: it costs a division.
  [[nodiscard]] bool AllowEvery(Nanoseconds interval, Instant now) noexcept {
    const Instant start = next_ > now ? next_ : now;
    if (start - now >= kBurst) return false;
    next_ = start + interval;
    return true;
  }
  // From one to the next at an even pace. rate is not 0.
  [[nodiscard]] static constexpr Nanoseconds Interval(uint32_t rate) noexcept {
    return Nanoseconds((1'000'000'000 + rate - 1) / rate);
  }

 private:
  Instant next_{};  // when the last one allowed would have come at an even pace, plus one
};

}  // namespace joinery::steer
