// A token is generation (r bits) | E_K(backend ID (s bits) | nonce (32-r-s bits)), most significant
// bits first: docs/protocol.md section 2. One Scheme belongs to one pool; its numbers never change
// while the pool's VIPs exist, its generations do.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/expected.h"
#include "base/ids.h"
#include "crypto/key128.h"

namespace joinery::tokenmap {

enum class Algorithm : uint8_t {
  kPlain,  // E is the identity: shows IDs and rates; for debugging
  kFf1,    // NIST SP 800-38G FF1, AES-128, radix 2
};

// "plain", "ff1".
[[nodiscard]] std::string_view Name(Algorithm algorithm) noexcept;

inline constexpr uint8_t kMinGenerationBits = 2;
inline constexpr uint8_t kMaxGenerationBits = 3;
inline constexpr uint8_t kMaxBitsForExplicit = 14;  // r + s
inline constexpr uint8_t kMaxBitsForDerived = 12;   // r + s: 2^12 tries a key
inline constexpr uint16_t kMaxBackends = 1024;

// s = 1 + ceil(log2(max_backends)): at least half of the values stay unused, so foreign ones show.
[[nodiscard]] constexpr uint8_t IdBits(uint16_t max_backends) noexcept {
  uint8_t bits = 1;
  while ((uint32_t{1} << (bits - 1)) < max_backends) ++bits;
  return bits;
}

// The layout of a pool's tokens. Create is the only door.
class Scheme {
 public:
  // Refuses r outside 2..3, s of 0, and r + s over kMaxBitsForExplicit; says what would fit.
  [[nodiscard]] static Expected<Scheme> Create(Algorithm algorithm, PoolId pool,
                                               uint8_t generation_bits, uint8_t id_bits);

  [[nodiscard]] Algorithm algorithm() const noexcept { return algorithm_; }
  [[nodiscard]] PoolId pool() const noexcept { return pool_; }
  [[nodiscard]] uint8_t generation_bits() const noexcept { return r_; }  // r
  [[nodiscard]] uint8_t id_bits() const noexcept { return s_; }          // s
  [[nodiscard]] uint8_t nonce_bits() const noexcept { return static_cast<uint8_t>(32 - r_ - s_); }
  [[nodiscard]] uint8_t body_bits() const noexcept { return static_cast<uint8_t>(32 - r_); }  // n

  // All ones: the unroutable token's codepoint.
  [[nodiscard]] Codepoint reserved() const noexcept {
    return Codepoint(static_cast<uint8_t>((1U << r_) - 1));
  }
  [[nodiscard]] Codepoint CodepointOf(Token token) const noexcept {
    return Codepoint(static_cast<uint8_t>(token.value() >> body_bits()));
  }
  // Whether a generation may stand under it.
  [[nodiscard]] bool IsUsable(Codepoint codepoint) const noexcept { return codepoint < reserved(); }

  // The body is what E_K acts on: ID (s bits) | nonce. Values above their bits are cut off.
  [[nodiscard]] uint32_t Body(Token token) const noexcept {
    return token.value() & Mask(body_bits());
  }
  [[nodiscard]] uint32_t Body(BackendId id, uint32_t nonce) const noexcept {
    return (id.value() & Mask(s_)) << nonce_bits() | (nonce & Mask(nonce_bits()));
  }
  [[nodiscard]] BackendId IdOf(uint32_t body) const noexcept {
    return BackendId(static_cast<uint16_t>(body >> nonce_bits()));
  }
  [[nodiscard]] uint32_t NonceOf(uint32_t body) const noexcept { return body & Mask(nonce_bits()); }
  [[nodiscard]] Token Join(Codepoint codepoint, uint32_t body) const noexcept {
    return Token(uint32_t{codepoint.value()} << body_bits() | body);
  }

  friend bool operator==(const Scheme&, const Scheme&) noexcept = default;

 private:
  Scheme(Algorithm algorithm, PoolId pool, uint8_t r, uint8_t s) noexcept
      : algorithm_(algorithm), pool_(pool), r_(r), s_(s) {}

  [[nodiscard]] static constexpr uint32_t Mask(uint8_t bits) noexcept { return (1U << bits) - 1; }

  Algorithm algorithm_;
  PoolId pool_;
  uint8_t r_;
  uint8_t s_;
};

// One version of the scheme: what E_K is while the codepoint stands for this serial.
struct GenerationKey {
  Codepoint codepoint;
  Serial serial;       // in the tweak: pool ID (4 bytes) || serial (8 bytes)
  crypto::Key128 key;  // AES-128; unused by kPlain
};

}  // namespace joinery::tokenmap
