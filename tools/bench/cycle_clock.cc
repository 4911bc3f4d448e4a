#include "tools/bench/cycle_clock.h"

#include <ctime>

namespace joinery::bench {
namespace {

[[nodiscard]] double RawNanoseconds() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_RAW, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

[[nodiscard]] double Calibrate() noexcept {
  constexpr double kWindowNs = 50e6;
  const double start = RawNanoseconds();
  const uint64_t first = ReadTicks();
  double elapsed = 0;
  while (elapsed < kWindowNs) elapsed = RawNanoseconds() - start;
  return static_cast<double>(ReadTicks() - first) / elapsed;
}

}  // namespace

double TicksPerNanosecond() noexcept {
  static const double ticks = Calibrate();
  return ticks;
}

}  // namespace joinery::bench
