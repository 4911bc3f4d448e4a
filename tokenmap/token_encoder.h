// The backend's side of a scheme in explicit mode: ID and nonce -> token, under one generation.
#pragma once

#include <cstdint>
#include <optional>

#include "base/expected.h"
#include "base/ids.h"
#include "base/random.h"
#include "tokenmap/ff1_radix2.h"
#include "tokenmap/scheme.h"

namespace joinery::tokenmap {

// Immutable, so any number of threads may use one. Distinct (ID, nonce) give distinct tokens.
class TokenEncoder {
 public:
  // `active` is the generation that the backend's agent has confirmed. Refuses a codepoint that is
  // reserved or out of range.
  [[nodiscard]] static Expected<TokenEncoder> Create(
      const Scheme& scheme, const GenerationKey& active,
      crypto::AesEngine engine = crypto::BestAesEngine());

  [[nodiscard]] const Scheme& scheme() const noexcept { return scheme_; }
  [[nodiscard]] Codepoint codepoint() const noexcept { return codepoint_; }

  // nullopt when the ID or the nonce does not fit its bits.
  [[nodiscard]] std::optional<Token> Encode(BackendId id, uint32_t nonce) const noexcept;

 private:
  TokenEncoder(const Scheme& scheme, Codepoint codepoint) noexcept
      : scheme_(scheme), codepoint_(codepoint) {}

  Scheme scheme_;
  Codepoint codepoint_;
  std::optional<Ff1Radix2> ff1_;  // none for plain
};

// A token of the reserved codepoint with random bits behind it: what a backend issues that has no
// confirmed scheme. Balancers do not route it.
[[nodiscard]] Token UnroutableToken(const Scheme& scheme, Random& random) noexcept;

}  // namespace joinery::tokenmap
