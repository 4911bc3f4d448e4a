// The time stamp counter as a stopwatch: constant rate, a few ns a reading, no system call.
// x86 only, as everything that is measured with it.
#pragma once

#include <cstdint>
#include <x86intrin.h>

namespace joinery::bench {

// Ticks since the machine started. Fenced on both sides, so that the work between two readings is
// all of the work between them.
[[nodiscard]] inline uint64_t ReadTicks() noexcept {
  unsigned int core;
  _mm_lfence();
  const uint64_t ticks = __rdtscp(&core);
  _mm_lfence();
  return ticks;
}

// Ticks in a nanosecond, measured once against CLOCK_MONOTONIC_RAW over a twentieth of a second.
[[nodiscard]] double TicksPerNanosecond() noexcept;

}  // namespace joinery::bench
