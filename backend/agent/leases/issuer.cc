#include "backend/agent/leases/issuer.h"

#include <algorithm>
#include <utility>

namespace joinery::agent {
namespace {

constexpr uint8_t kMptcpVersion = 1;

// Nonces of the tokens that are the own ID's under this generation, ascending, each once.
std::vector<uint32_t> NoncesOf(const tokenmap::TokenDecoder& decoder, BackendId id,
                               const std::vector<Token>& tokens) {
  std::vector<uint32_t> nonces;
  for (const Token token : tokens) {
    const tokenmap::Decoded decoded = decoder.Decode(token);
    if (decoded.status == tokenmap::DecodeStatus::kOk && decoded.id == id) {
      nonces.push_back(decoded.nonce);
    }
  }
  std::ranges::sort(nonces);
  nonces.erase(std::unique(nonces.begin(), nonces.end()), nonces.end());
  return nonces;
}

}  // namespace

Expected<Issuer> Issuer::Create(const EncodeUnder& under, const Clock& clock, Random& random,
                                const std::vector<Token>& held) {
  auto encoder = tokenmap::TokenEncoder::Create(under.scheme, under.generation);
  if (!encoder) return Fail(encoder.error().message);
  auto decoder = tokenmap::TokenDecoder::Create(under.scheme, {&under.generation, 1});
  if (!decoder) return Fail(decoder.error().message);
  auto allocator = tokenmap::TokenAllocator::Create(under.scheme, clock, random,
                                                    NoncesOf(*decoder, under.id, held));
  if (!allocator) return Fail(allocator.error().message);
  std::optional<tokenmap::KeySampler> sampler;
  if (auto made = tokenmap::KeySampler::Create(under.scheme, under.generation, under.id,
                                               kMptcpVersion, random)) {
    sampler.emplace(*std::move(made));
  }
  return Issuer(under, *std::move(encoder), *std::move(decoder), *std::move(allocator),
                std::move(sampler));
}

Issuer::Issuer(const EncodeUnder& under, tokenmap::TokenEncoder encoder,
               tokenmap::TokenDecoder decoder, tokenmap::TokenAllocator allocator,
               std::optional<tokenmap::KeySampler> sampler)
    : serial_(under.generation.serial),
      id_(under.id),
      encoder_(std::move(encoder)),
      decoder_(std::move(decoder)),
      allocator_(std::move(allocator)),
      sampler_(std::move(sampler)) {}

std::vector<tokenmap::Leased> Issuer::Tokens(uint16_t count) {
  std::vector<tokenmap::Leased> tokens;
  for (uint16_t i = 0; i < count; ++i) {
    const tokenmap::Allocation allocation = allocator_.Allocate();
    crowded_ = allocation.status != tokenmap::AllocateStatus::kOk;
    if (allocation.status == tokenmap::AllocateStatus::kRefused) break;
    if (const auto token = encoder_.Encode(id_, allocation.nonce)) {
      tokens.push_back({.key = 0, .token = *token});
    }
  }
  return tokens;
}

std::vector<tokenmap::Leased> Issuer::Keys(uint16_t count) {
  std::vector<tokenmap::Leased> keys;
  for (uint16_t i = 0; sampler_ && i < count; ++i) {
    const auto key = sampler_->Draw();
    if (!key) break;
    keys.push_back({.key = key->key, .token = key->token});
  }
  return keys;
}

void Issuer::Release(Token token) {
  const tokenmap::Decoded decoded = decoder_.Decode(token);
  if (decoded.status != tokenmap::DecodeStatus::kOk || decoded.id != id_) return;
  static_cast<void>(allocator_.Release(decoded.nonce));
}

}  // namespace joinery::agent
