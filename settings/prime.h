// Primes below 2^24 or so, by trial division: a Maglev table's size is one.
#pragma once

#include <cstdint>

namespace joinery::settings {

[[nodiscard]] constexpr bool IsPrime(uint32_t n) noexcept {
  if (n < 2) return false;
  for (uint64_t d = 2; d * d <= n; ++d) {
    if (n % d == 0) return false;
  }
  return true;
}

// The smallest prime that is not below `n`; n at most 2^31 - 1, which is one.
[[nodiscard]] constexpr uint32_t NextPrime(uint32_t n) noexcept {
  while (!IsPrime(n)) ++n;
  return n;
}

}  // namespace joinery::settings
