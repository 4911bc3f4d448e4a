#include "tokenmap/token_encoder.h"

#include <fmt/format.h>

namespace joinery::tokenmap {

Expected<TokenEncoder> TokenEncoder::Create(const Scheme& scheme, const GenerationKey& active,
                                            crypto::AesEngine engine) {
  if (!scheme.IsUsable(active.codepoint)) {
    return Fail(fmt::format("codepoint {} is out of range; allowed 0..{} ({} is reserved)",
                            active.codepoint.value(), scheme.reserved().value() - 1,
                            scheme.reserved().value()));
  }
  TokenEncoder encoder(scheme, active.codepoint);
  if (scheme.algorithm() == Algorithm::kFf1) {
    encoder.ff1_.emplace(active.key, scheme.pool(), active.serial, scheme.body_bits(), engine);
  }
  return encoder;
}

std::optional<Token> TokenEncoder::Encode(BackendId id, uint32_t nonce) const noexcept {
  const uint32_t body = scheme_.Body(id, nonce);
  if (scheme_.IdOf(body) != id || scheme_.NonceOf(body) != nonce) return std::nullopt;
  return scheme_.Join(codepoint_, ff1_ ? ff1_->Encrypt(body) : body);
}

Token UnroutableToken(const Scheme& scheme, Random& random) noexcept {
  return scheme.Join(scheme.reserved(), scheme.Body(Token(random.Uint32())));
}

}  // namespace joinery::tokenmap
