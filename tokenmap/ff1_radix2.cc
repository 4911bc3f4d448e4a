#include "tokenmap/ff1_radix2.h"

#include <algorithm>
#include <array>

#include "base/big_endian.h"
#include "crypto/wipe.h"
#include "tokenmap/ff1_radix2_engines.h"

namespace joinery::tokenmap {
namespace {

using crypto::Aes128;
using crypto::AesEngine;

constexpr size_t kTweakBytes = 12;

// How many setups are looked up before their bodies are decrypted.
constexpr size_t kBurst = 32;

// P of step 5: version 1, method 2, addition 1, radix (3 bytes), rounds, u, n and t (4 bytes each).
Aes128::Block P(uint8_t bits) noexcept {
  Aes128::Block p = {1, 2, 1, 0, 0, 2, Ff1Radix2::kRounds};
  p[7] = static_cast<uint8_t>(ff1::LeftBits(bits));
  StoreBe32(&p[8], bits);
  StoreBe32(&p[12], kTweakBytes);
  return p;
}

// y of step 6.iv, of which no half uses more than the low 16 bits: bytes 6 and 7 of the d = 8.
uint32_t RoundValue(const Ff1Radix2Setup& setup, int i, uint32_t half) noexcept {
  Aes128::Block q = setup.base;
  StoreBe32(&q[12], LoadBe32(&q[12]) ^ (static_cast<uint32_t>(i) << 16 | half));
  setup.aes.EncryptBlock(q, q);
  return LoadBe16(&q[6]);
}

uint32_t DecryptPlainly(const Ff1Radix2Setup& setup, uint32_t body) noexcept {
  const int right_bits = ff1::RightBits(setup.bits);
  uint32_t a = body >> right_bits;
  uint32_t b = body & ((1U << right_bits) - 1);
  for (int i = Ff1Radix2::kRounds - 1; i >= 0; --i) {
    const uint32_t c = (b - RoundValue(setup, i, a)) & ff1::HalfMask(setup.bits, i);
    b = a;
    a = c;
  }
  return a << right_bits | b;
}

void DecryptSome(AesEngine engine, const Ff1Radix2Setup* const* setups,
                 std::span<uint32_t> bodies) noexcept {
  switch (engine) {
    case AesEngine::kGeneric:
    case AesEngine::kOpenssl:
      for (uint32_t& body : bodies) body = DecryptPlainly(**setups++, body);
      return;
    case AesEngine::kAesni:
      return ff1::DecryptEachAesni(setups, bodies.data(), bodies.size());
    case AesEngine::kVaes:
      if (bodies.size() == 1) return ff1::DecryptEachAesni(setups, bodies.data(), bodies.size());
      return ff1::DecryptEachVaes(setups, bodies.data(), bodies.size());
  }
}

}  // namespace

Ff1Radix2::Ff1Radix2(const crypto::Key128& key, PoolId pool, Serial serial, uint8_t bits,
                     AesEngine engine) noexcept
    : setup_{.aes = Aes128(key, engine), .base = P(bits), .bits = bits} {
  setup_.aes.EncryptBlock(setup_.base, setup_.base);
  Aes128::Block tweak{};
  StoreBe32(tweak.data(), pool.value());
  StoreBe64(&tweak[4], serial.value());
  for (size_t i = 0; i < kTweakBytes; ++i) {
    setup_.base[i] = static_cast<uint8_t>(setup_.base[i] ^ tweak[i]);
  }
}

Ff1Radix2::~Ff1Radix2() { crypto::Wipe(setup_.base); }

uint32_t Ff1Radix2::Encrypt(uint32_t body) const noexcept {
  const int right_bits = ff1::RightBits(setup_.bits);
  uint32_t a = body >> right_bits;
  uint32_t b = body & ((1U << right_bits) - 1);
  for (int i = 0; i < kRounds; ++i) {
    const uint32_t c = (a + RoundValue(setup_, i, b)) & ff1::HalfMask(setup_.bits, i);
    a = b;
    b = c;
  }
  return a << right_bits | b;
}

uint32_t Ff1Radix2::Decrypt(uint32_t body) const noexcept {
  DecryptBurst({&body, 1});
  return body;
}

void Ff1Radix2::DecryptBurst(std::span<uint32_t> bodies) const noexcept {
  switch (setup_.aes.engine()) {
    case AesEngine::kGeneric:
    case AesEngine::kOpenssl:
      for (uint32_t& body : bodies) body = DecryptPlainly(setup_, body);
      return;
    case AesEngine::kAesni:
      return ff1::DecryptAesni(setup_, bodies.data(), bodies.size());
    case AesEngine::kVaes:
      // One token fills a narrow register and no wide one.
      if (bodies.size() == 1) return ff1::DecryptAesni(setup_, bodies.data(), bodies.size());
      return ff1::DecryptVaes(setup_, bodies.data(), bodies.size());
  }
}

void Ff1Radix2::DecryptEach(std::span<const Ff1Radix2* const> permutations,
                            std::span<uint32_t> bodies) noexcept {
  if (bodies.empty()) return;
  const Ff1Radix2* first = permutations[0];
  if (std::ranges::all_of(permutations, [=](const Ff1Radix2* p) { return p == first; })) {
    return first->DecryptBurst(bodies);
  }
  std::array<const Ff1Radix2Setup*, kBurst> setups;
  for (size_t at = 0; at < bodies.size(); at += kBurst) {
    const std::span<uint32_t> some = bodies.subspan(at, std::min(kBurst, bodies.size() - at));
    for (size_t i = 0; i < some.size(); ++i) setups[i] = &permutations[at + i]->setup_;
    DecryptSome(first->setup_.aes.engine(), setups.data(), some);
  }
}

}  // namespace joinery::tokenmap
