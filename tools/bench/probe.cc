#include "tools/bench/probe.h"

#include "tools/bench/cycle_clock.h"

namespace joinery::bench {

uint64_t ProbeTicks() noexcept {
  constexpr uint64_t kRounds = 1024;
  uint64_t a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8;
  const uint64_t start = ReadTicks();
  for (uint64_t round = 0; round < kRounds; ++round) {
    // Eight chains, 32 additions: as wide as any x86 core, so a sibling that runs shows.
    asm volatile(
        ".rept 4\n"
        "add %8, %0\n add %8, %1\n add %8, %2\n add %8, %3\n"
        "add %8, %4\n add %8, %5\n add %8, %6\n add %8, %7\n"
        ".endr\n"
        : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e), "+r"(f), "+r"(g), "+r"(h)
        : "r"(round)
        : "cc");
  }
  return ReadTicks() - start;
}

}  // namespace joinery::bench
