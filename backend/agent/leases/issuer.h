// Makes what stacks lease: tokens from an allocator of nonces, or keys from a sampler, under one
// generation (docs/protocol.md section 2). The scheme key stays in here.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "backend/agent/core/core.h"
#include "base/clock.h"
#include "base/expected.h"
#include "base/random.h"
#include "tokenmap/key_sampler.h"
#include "tokenmap/lease_protocol.h"
#include "tokenmap/token_allocator.h"
#include "tokenmap/token_decoder.h"
#include "tokenmap/token_encoder.h"

namespace joinery::agent {

// Not thread-safe.
class Issuer {
 public:
  // `clock` and `random`, which must be fit for keys, outlive it. `held` are tokens of this
  // generation that stacks hold: they are not given out again.
  [[nodiscard]] static Expected<Issuer> Create(const EncodeUnder& under, const Clock& clock,
                                               Random& random, const std::vector<Token>& held);

  // Tokens, at most `count`; fewer or none when the space is crowded.
  [[nodiscard]] std::vector<tokenmap::Leased> Tokens(uint16_t count);
  // Keys; none when this layout allows no derived tokens. A key costs 2^(r+s) hashes.
  [[nodiscard]] std::vector<tokenmap::Leased> Keys(uint16_t count);
  // A token of Tokens() that its holder has no more: used again after its cooling time.
  void Release(Token token);

  [[nodiscard]] Serial serial() const noexcept { return serial_; }
  // Half of the nonces are taken, or more.
  [[nodiscard]] bool crowded() const noexcept { return crowded_; }

 private:
  Issuer(const EncodeUnder& under, tokenmap::TokenEncoder encoder, tokenmap::TokenDecoder decoder,
         tokenmap::TokenAllocator allocator, std::optional<tokenmap::KeySampler> sampler);

  Serial serial_;
  BackendId id_;
  tokenmap::TokenEncoder encoder_;
  tokenmap::TokenDecoder decoder_;
  tokenmap::TokenAllocator allocator_;
  std::optional<tokenmap::KeySampler> sampler_;
  bool crowded_ = false;
};

}  // namespace joinery::agent
