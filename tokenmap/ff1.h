// FF1 format-preserving encryption for any radix: NIST SP 800-38G (2016), algorithms 7 and 8.
// Written step by step as the standard is, to be compared with it and with the fast radix-2 engines
// (tokenmap/ff1_radix2.h); tools and tests use it, packets never meet it.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/expected.h"

namespace joinery::tokenmap {

class Ff1 {
 public:
  // Encrypts one block with the key that it holds.
  using Cipher = std::function<void(std::span<const uint8_t, 16> in, std::span<uint8_t, 16> out)>;
  // The most significant numeral first, each below the radix.
  using Numerals = std::vector<uint32_t>;

  static constexpr uint32_t kMinRadix = 2;
  static constexpr uint32_t kMaxRadix = 65536;

  // Refuses a radix outside kMinRadix..kMaxRadix.
  [[nodiscard]] static Expected<Ff1> Create(Cipher cipher, uint32_t radix,
                                            std::vector<uint8_t> tweak);

  // Refuse fewer than two numerals, a numeral out of range, and strings whose longer half has more
  // than 2^64 values (the standard goes further; this code's integers do not).
  [[nodiscard]] Expected<Numerals> Encrypt(const Numerals& text) const;
  [[nodiscard]] Expected<Numerals> Decrypt(const Numerals& text) const;

 private:
  Ff1(Cipher cipher, uint32_t radix, std::vector<uint8_t> tweak) noexcept
      : cipher_(std::move(cipher)), radix_(radix), tweak_(std::move(tweak)) {}

  struct Split;  // what follows from the length alone
  [[nodiscard]] Expected<Split> SplitOf(const Numerals& text) const;
  // Steps 6.i to 6.iv: the number y of round i, from the half that stays.
  [[nodiscard]] unsigned __int128 RoundValue(const Split& split, uint8_t i,
                                             const Numerals& half) const;

  Cipher cipher_;
  uint32_t radix_;
  std::vector<uint8_t> tweak_;
};

}  // namespace joinery::tokenmap
