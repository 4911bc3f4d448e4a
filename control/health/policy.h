// How a pool's backends are checked, and what a check's results mean. Defaults are what most pools
// should keep.
#pragma once

#include <cstdint>

#include "base/clock.h"

namespace joinery::health {

struct Policy {
  Nanoseconds interval = std::chrono::seconds(2);  // between the ends of checks; above 0
  Nanoseconds timeout = std::chrono::seconds(1);   // of one check
  uint32_t jitter_percent = 10;  // 0..50: each wait is longer or shorter by up to this much
  uint32_t rise = 2;             // successes in a row that end `down`; at least 1
  uint32_t fall = 3;             // failures in a row that end `up`; at least 1
  // Flap damping, after RFC 2439: each fall costs kFallPenalty, which halves every `half_life`. A
  // backend whose penalty has come over kSuppressAbove stays down until it is below kReuseBelow.
  // 0: no damping.
  Nanoseconds half_life = std::chrono::seconds(60);

  friend bool operator==(const Policy&, const Policy&) noexcept = default;
};

inline constexpr double kFallPenalty = 1000;
inline constexpr double kSuppressAbove = 3500;  // the fourth fall within a short time
inline constexpr double kReuseBelow = 1000;
inline constexpr double kMaxPenalty = 8000;  // so that it is back after three half-lives

}  // namespace joinery::health
