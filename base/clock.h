// Time as the caller sees it. Code that waits or ages takes a Clock, never the system's own, so
// that tests and the simulator turn it by hand.
#pragma once

#include <chrono>
#include <cstdint>

namespace joinery {

// Nanoseconds since some start; never goes back. Counts suspended time (CLOCK_BOOTTIME).
using Nanoseconds = std::chrono::nanoseconds;
using Instant = std::chrono::time_point<struct BootClockTag, Nanoseconds>;

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Instant Now() const noexcept = 0;
};

// CLOCK_BOOTTIME of this machine. Thread-safe.
class BootClock final : public Clock {
 public:
  [[nodiscard]] Instant Now() const noexcept override;
};

// Stands still until it is turned. Not thread-safe.
class ManualClock final : public Clock {
 public:
  [[nodiscard]] Instant Now() const noexcept override { return now_; }
  void Advance(Nanoseconds by) noexcept { now_ += by; }

 private:
  Instant now_{};
};

}  // namespace joinery
