// What an lcore does after a round that received nothing. Drivers here have no receive interrupts,
// so `sleep` is a back-off that is bounded: it costs a packet that comes in the meantime at most
// kLongest, and the machine about a hundredth of a CPU.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "settings/config.h"

namespace joinery::dpdk {

class IdlePolicy {
 public:
  using Duration = std::chrono::microseconds;

  static constexpr uint32_t kEmptyRounds = 32;  // before the first sleep
  static constexpr Duration kShortest{20};
  static constexpr Duration kLongest{400};

  explicit IdlePolicy(settings::Idle idle) noexcept : sleeps_(idle == settings::Idle::kSleep) {}

  // How long to sleep after this round; 0: go on at once.
  [[nodiscard]] Duration After(uint32_t received) noexcept {
    if (received > 0 || !sleeps_) {
      empty_rounds_ = 0;
      next_ = kShortest;
      return Duration{0};
    }
    if (empty_rounds_ < kEmptyRounds) {
      ++empty_rounds_;
      return Duration{0};
    }
    const Duration sleep = next_;
    next_ = std::min(next_ * 2, kLongest);
    return sleep;
  }

 private:
  bool sleeps_;
  uint32_t empty_rounds_ = 0;
  Duration next_ = kShortest;
};

}  // namespace joinery::dpdk
