#include "control/daemon/token_owner.h"

#include <vector>

#include "tokenmap/scheme.h"

namespace joinery::control {

using health::TokenOwner;

Expected<tokenmap::TokenDecoder> DecoderOf(const Pool& pool) {
  const auto algorithm = pool.layout.algorithm == settings::Algorithm::kPlain
                             ? tokenmap::Algorithm::kPlain
                             : tokenmap::Algorithm::kFf1;
  const auto scheme =
      tokenmap::Scheme::Create(algorithm, pool.layout.id, pool.layout.generation_bits,
                               tokenmap::IdBits(pool.layout.max_backends));
  if (!scheme) return unexpected(scheme.error());
  std::vector<tokenmap::GenerationKey> keys;
  for (const Generation& generation : pool.generations) {
    keys.push_back(
        {.codepoint = generation.codepoint, .serial = generation.serial, .key = generation.key});
  }
  return tokenmap::TokenDecoder::Create(*scheme, keys);
}

TokenOwner OwnerOf(const Durable& durable, const BackendRef& backend, Token token) {
  const auto pool = durable.pools.find(backend.pool);
  if (pool == durable.pools.end()) return TokenOwner::kUnread;
  const auto found = pool->second.backends.find(backend.backend);
  if (found == pool->second.backends.end()) return TokenOwner::kUnread;
  if (pool->second.layout.handshake != settings::Handshake::kDerived) return TokenOwner::kUnread;
  const auto decoder = DecoderOf(pool->second);
  if (!decoder) return TokenOwner::kUnread;
  const tokenmap::Decoded decoded = decoder->Decode(token);
  if (decoded.status == tokenmap::DecodeStatus::kReserved) return TokenOwner::kNobody;
  if (decoded.status == tokenmap::DecodeStatus::kNoGeneration) return TokenOwner::kOther;
  return decoded.id == found->second.id ? TokenOwner::kSelf : TokenOwner::kOther;
}

}  // namespace joinery::control
