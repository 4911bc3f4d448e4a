// The decrypting engines behind Ff1Radix2: each replaces `count` bodies by what they decrypt to.
// Only ff1_radix2.cc calls them, after asking the CPU.
#pragma once

#include <cstddef>

#include "tokenmap/ff1_radix2.h"

namespace joinery::tokenmap::ff1 {

void DecryptAesni(const Ff1Radix2Setup& setup, uint32_t* bodies, size_t count) noexcept;
void DecryptVaes(const Ff1Radix2Setup& setup, uint32_t* bodies, size_t count) noexcept;

// Each body under the setup beside it.
void DecryptEachAesni(const Ff1Radix2Setup* const* setups, uint32_t* bodies, size_t count) noexcept;
void DecryptEachVaes(const Ff1Radix2Setup* const* setups, uint32_t* bodies, size_t count) noexcept;

// The standard's u and v: how many bits the halves A and B have.
[[nodiscard]] constexpr int LeftBits(uint8_t bits) noexcept { return bits / 2; }
[[nodiscard]] constexpr int RightBits(uint8_t bits) noexcept { return bits - bits / 2; }

// The bits of the half that round i replaces.
[[nodiscard]] constexpr uint32_t HalfMask(uint8_t bits, int i) noexcept {
  return (1U << (i % 2 == 0 ? LeftBits(bits) : RightBits(bits))) - 1;
}

}  // namespace joinery::tokenmap::ff1
