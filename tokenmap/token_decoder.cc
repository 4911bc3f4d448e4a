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

struct TokenDecoder::Tables {
  Scheme scheme;
  std::array<DecodeStatus, kMaxCodepoints> status{};         // of each codepoint
  std::array<std::optional<Ff1Radix2>, kMaxCodepoints> ff1;  // of each live one; none for plain

  // Bodies that stand under one codepoint; they are decrypted in place.
  void DecodeGeneration(Codepoint codepoint, std::span<uint32_t> bodies,
                        std::span<Decoded> out) const noexcept {
    const Scheme layout = scheme;  // a copy that the stores below cannot alias
    const DecodeStatus found = status[codepoint.value()];
    const bool is_live = found == DecodeStatus::kOk;
    const auto& permutation = ff1[codepoint.value()];
    if (permutation) permutation->DecryptBurst(bodies);
    for (size_t i = 0; i < bodies.size(); ++i) {
      const uint32_t body = is_live ? bodies[i] : 0;
      out[i] = {.status = found,
                .codepoint = codepoint,
                .id = layout.IdOf(body),
                .nonce = layout.NonceOf(body)};
    }
  }

  // Those of the tokens that have this codepoint.
  void DecodeSome(Codepoint codepoint, std::span<const Token> tokens,
                  std::span<Decoded> out) const noexcept {
    const Scheme layout = scheme;
    std::array<uint32_t, kBurst> bodies;
    std::array<uint8_t, kBurst> at;
    std::array<Decoded, kBurst> decoded;
    size_t count = 0;
    for (size_t i = 0; i < tokens.size(); ++i) {
      bodies[count] = layout.Body(tokens[i]);
      at[count] = static_cast<uint8_t>(i);
      count += layout.CodepointOf(tokens[i]) == codepoint ? 1 : 0;
    }
    DecodeGeneration(codepoint, {bodies.data(), count}, decoded);
    for (size_t i = 0; i < count; ++i) out[at[i]] = decoded[i];
  }

  // REQUIRES: 1 to kBurst tokens.
  void DecodeChunk(std::span<const Token> tokens, std::span<Decoded> out) const noexcept {
    const Scheme layout = scheme;
    std::array<uint32_t, kBurst> bodies;
    uint32_t differing_bits = 0;
    for (size_t i = 0; i < tokens.size(); ++i) {
      bodies[i] = layout.Body(tokens[i]);
      differing_bits |= tokens[i].value() ^ tokens[0].value();
    }
    // Between rotations all tokens stand under one codepoint: nothing to gather.
    if (layout.CodepointOf(Token(differing_bits)) == Codepoint(0)) {
      return DecodeGeneration(layout.CodepointOf(tokens[0]), {bodies.data(), tokens.size()}, out);
    }
    uint32_t seen = 0;  // codepoints
    for (const Token token : tokens) seen |= 1U << layout.CodepointOf(token).value();
    for (; seen != 0; seen &= seen - 1) {
      DecodeSome(Codepoint(static_cast<uint8_t>(std::countr_zero(seen))), tokens, out);
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
  uint32_t body = scheme.Body(token);
  Decoded decoded;
  tables_->DecodeGeneration(scheme.CodepointOf(token), {&body, 1}, {&decoded, 1});
  return decoded;
}

void TokenDecoder::DecodeBurst(std::span<const Token> tokens,
                               std::span<Decoded> out) const noexcept {
  for (size_t at = 0; at < tokens.size(); at += kBurst) {
    const size_t count = std::min(kBurst, tokens.size() - at);
    tables_->DecodeChunk(tokens.subspan(at, count), out.subspan(at, count));
  }
}

}  // namespace joinery::tokenmap
