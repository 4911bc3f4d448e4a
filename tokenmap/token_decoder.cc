#include "tokenmap/token_decoder.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>

#include <fmt/format.h>

#include "tokenmap/ff1_radix2.h"

namespace joinery::tokenmap {

namespace {

constexpr size_t kMaxCodepoints = size_t{1} << kMaxGenerationBits;

// How many tokens are gathered for one generation at a time.
constexpr size_t kBurst = 32;

}  // namespace

std::string_view Name(DecodeStatus status) noexcept {
  switch (status) {
    case DecodeStatus::kOk:
      return "ok";
    case DecodeStatus::kReserved:
      return "reserved";
    case DecodeStatus::kNoGeneration:
      return "no_generation";
  }
  return "unknown";
}

struct TokenDecoder::Tables {
  Scheme scheme;
  uint32_t permuted = 0;                              // a bit for each codepoint that has an ff1
  std::array<DecodeStatus, kMaxCodepoints> status{};  // of each codepoint
  std::array<std::optional<Ff1Radix2>, kMaxCodepoints> ff1;  // of each live one; none for plain

  // What the body of a token means, once its generation (if it has a live one) has decrypted it.
  [[nodiscard]] Decoded Unpack(Codepoint codepoint, uint32_t body) const noexcept {
    const DecodeStatus found = status[codepoint.value()];
    const uint32_t known = found == DecodeStatus::kOk ? body : 0;
    return {.status = found,
            .codepoint = codepoint,
            .id = scheme.IdOf(known),
            .nonce = scheme.NonceOf(known)};
  }

  // Of the chunk's bodies those that stand under one codepoint.
  void DecryptGeneration(Codepoint codepoint, const Ff1Radix2& permutation,
                         std::span<const Token> tokens, std::span<uint32_t> bodies) const noexcept {
    std::array<uint32_t, kBurst> gathered;
    std::array<uint8_t, kBurst> at;
    size_t count = 0;
    for (size_t i = 0; i < tokens.size(); ++i) {
      gathered[count] = bodies[i];
      at[count] = static_cast<uint8_t>(i);
      count += scheme.CodepointOf(tokens[i]) == codepoint ? 1 : 0;
    }
    permutation.DecryptBurst({gathered.data(), count});
    for (size_t i = 0; i < count; ++i) bodies[at[i]] = gathered[i];
  }

  // REQUIRES: at most kBurst tokens.
  void DecodeChunk(std::span<const Token> tokens, std::span<Decoded> out) const noexcept {
    std::array<uint32_t, kBurst> bodies;
    uint32_t seen = 0;  // codepoints
    for (size_t i = 0; i < tokens.size(); ++i) {
      bodies[i] = scheme.Body(tokens[i]);
      seen |= 1U << scheme.CodepointOf(tokens[i]).value();
    }
    const std::span used = std::span(bodies).first(tokens.size());
    // Between rotations all tokens stand under one generation: nothing to gather.
    const bool one_generation = std::has_single_bit(seen);
    for (uint32_t left = seen; left != 0; left &= left - 1) {
      const Codepoint codepoint(static_cast<uint8_t>(std::countr_zero(left)));
      const auto& permutation = ff1[codepoint.value()];
      if (!permutation) continue;
      if (one_generation) {
        permutation->DecryptBurst(used);
      } else {
        DecryptGeneration(codepoint, *permutation, tokens, used);
      }
    }
    for (size_t i = 0; i < tokens.size(); ++i) {
      out[i] = Unpack(scheme.CodepointOf(tokens[i]), bodies[i]);
    }
  }
};

Expected<TokenDecoder> TokenDecoder::Create(const Scheme& scheme,
                                            std::span<const GenerationKey> live,
                                            crypto::AesEngine engine) {
  auto tables = std::make_unique<Tables>(Tables{.scheme = scheme, .status = {}, .ff1 = {}});
  tables->status.fill(DecodeStatus::kNoGeneration);
  tables->status[scheme.reserved().value()] = DecodeStatus::kReserved;
  for (const GenerationKey& generation : live) {
    const Codepoint codepoint = generation.codepoint;
    if (!scheme.IsUsable(codepoint)) {
      return Fail(fmt::format("codepoint {} is out of range; allowed 0..{} ({} is reserved)",
                              codepoint.value(), scheme.reserved().value() - 1,
                              scheme.reserved().value()));
    }
    DecodeStatus& status = tables->status[codepoint.value()];
    if (status == DecodeStatus::kOk) {
      return Fail(fmt::format("codepoint {} is given twice; allowed one generation for each",
                              codepoint.value()));
    }
    status = DecodeStatus::kOk;
    if (scheme.algorithm() == Algorithm::kFf1) {
      tables->ff1[codepoint.value()].emplace(generation.key, scheme.pool(), generation.serial,
                                             scheme.body_bits(), engine);
    }
  }
  return TokenDecoder(std::move(tables));
}

TokenDecoder::TokenDecoder(std::unique_ptr<Tables> tables) noexcept : tables_(std::move(tables)) {}
TokenDecoder::TokenDecoder(TokenDecoder&&) noexcept = default;
TokenDecoder& TokenDecoder::operator=(TokenDecoder&&) noexcept = default;
TokenDecoder::~TokenDecoder() = default;

const Scheme& TokenDecoder::scheme() const noexcept { return tables_->scheme; }

Decoded TokenDecoder::Decode(Token token) const noexcept {
  const Scheme& scheme = tables_->scheme;
  const Codepoint codepoint = scheme.CodepointOf(token);
  uint32_t body = scheme.Body(token);
  const auto& permutation = tables_->ff1[codepoint.value()];
  if (permutation) body = permutation->Decrypt(body);
  return tables_->Unpack(codepoint, body);
}

void TokenDecoder::DecodeBurst(std::span<const Token> tokens,
                               std::span<Decoded> out) const noexcept {
  for (size_t at = 0; at < tokens.size(); at += kBurst) {
    const size_t count = std::min(kBurst, tokens.size() - at);
    tables_->DecodeChunk(tokens.subspan(at, count), out.subspan(at, count));
  }
}

}  // namespace joinery::tokenmap
