// The permutation inside a token: FF1 (NIST SP 800-38G) over AES-128 for bit strings, one AES block
// a round. Its twins are tokenmap/ff1.h (slow, any radix) and tokenmap/c/ff1_radix2.h (plain C).
// Numbers are in host order; the most significant bit is FF1's first numeral.
#pragma once

#include <cstdint>
#include <span>

#include "base/ids.h"
#include "crypto/aes128.h"

namespace joinery::tokenmap {

// What is the same for every string under one key and tweak. As secret as the key.
struct Ff1Radix2Setup {
  crypto::Aes128 aes;
  // AES(P) XOR (tweak || 0^32): the part of each round's cipher input that does not change.
  crypto::Aes128::Block base;
  uint8_t bits;  // n
};

// Immutable once made, so any number of threads may use one.
class Ff1Radix2 {
 public:
  static constexpr uint8_t kRounds = 10;
  // Halves of 9 to 16 bits: then Q is one block and a half is two bytes of it.
  static constexpr uint8_t kMinBits = 17;
  static constexpr uint8_t kMaxBits = 32;

  // The tweak is pool (4 bytes) || serial (8 bytes). REQUIRES: kMinBits <= bits <= kMaxBits.
  Ff1Radix2(const crypto::Key128& key, PoolId pool, Serial serial, uint8_t bits,
            crypto::AesEngine engine = crypto::BestAesEngine()) noexcept;
  Ff1Radix2(const Ff1Radix2&) noexcept = default;
  Ff1Radix2& operator=(const Ff1Radix2&) noexcept = default;
  ~Ff1Radix2();

  // REQUIRES: body has no bits above `bits`.
  [[nodiscard]] uint32_t Encrypt(uint32_t body) const noexcept;
  [[nodiscard]] uint32_t Decrypt(uint32_t body) const noexcept;
  // Each by itself, in place, with the AES work of many interleaved.
  void DecryptBurst(std::span<uint32_t> bodies) const noexcept;
  // The same, each body by the permutation beside it.
  // REQUIRES: permutations.size() == bodies.size(), and one engine for all.
  static void DecryptEach(std::span<const Ff1Radix2* const> permutations,
                          std::span<uint32_t> bodies) noexcept;

 private:
  Ff1Radix2Setup setup_;
};

}  // namespace joinery::tokenmap
