#include "tokenmap/key_sampler.h"

#include <array>

#include <fmt/format.h>

#include "crypto/wipe.h"

namespace joinery::tokenmap {
namespace {

// Keys drawn and decoded at a time: one call for randomness, one AES burst.
constexpr size_t kBatch = 32;

struct Batch {
  std::array<uint64_t, kBatch> keys;
  std::array<Token, kBatch> tokens;
  std::array<Decoded, kBatch> decoded;

  ~Batch() { crypto::Wipe(keys); }
};

}  // namespace

Expected<KeySampler> KeySampler::Create(const Scheme& scheme, const GenerationKey& active,
                                        BackendId id, uint8_t mptcp_version, Random& random) {
  const int bits = scheme.generation_bits() + scheme.id_bits();
  if (bits > kMaxBitsForDerived) {
    return Fail(
        fmt::format("generation_bits + id_bits {} is too large for derived tokens; allowed "
                    "up to {}",
                    bits, kMaxBitsForDerived));
  }
  if (scheme.IdOf(scheme.Body(id, 0)) != id) {
    return Fail(
        fmt::format("id {} is too large; allowed 0..{}", id.value(), (1 << scheme.id_bits()) - 1));
  }
  if (mptcp_version > 1) {
    return Fail(fmt::format("mptcp_version {} is unknown; allowed 0, 1", mptcp_version));
  }
  auto decoder = TokenDecoder::Create(scheme, {&active, 1});
  if (!decoder) return tl::unexpected(decoder.error());
  return KeySampler(std::move(*decoder), id, mptcp_version, random);
}

std::optional<SampledKey> KeySampler::Draw() noexcept {
  const Scheme& scheme = decoder_.scheme();
  return DrawDecodingTo(DecodeStatus::kOk,
                        uint64_t{1} << (scheme.generation_bits() + scheme.id_bits()));
}

std::optional<SampledKey> KeySampler::DrawUnroutable() noexcept {
  return DrawDecodingTo(DecodeStatus::kReserved,
                        uint64_t{1} << decoder_.scheme().generation_bits());
}

std::optional<SampledKey> KeySampler::DrawDecodingTo(DecodeStatus wanted,
                                                     uint64_t expected_tries) noexcept {
  Batch batch;
  for (uint64_t tries = 0; tries < kMaxTriesFactor * expected_tries; tries += kBatch) {
    random_->Fill({reinterpret_cast<uint8_t*>(batch.keys.data()), sizeof batch.keys});
    for (size_t i = 0; i < kBatch; ++i) {
      batch.tokens[i] = DerivedToken(batch.keys[i], mptcp_version_);
    }
    decoder_.DecodeBurst(batch.tokens, batch.decoded);
    for (size_t i = 0; i < kBatch; ++i) {
      const Decoded& decoded = batch.decoded[i];
      if (decoded.status != wanted) continue;
      if (wanted == DecodeStatus::kOk && decoded.id != id_) continue;
      counters_.tries += i + 1;
      ++counters_.keys;
      return SampledKey{.key = batch.keys[i], .token = batch.tokens[i]};
    }
    counters_.tries += kBatch;
  }
  ++counters_.exhausted;
  return std::nullopt;
}

}  // namespace joinery::tokenmap
