#include "tokenmap/token_decoder.h"

#include <array>
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
  std::array<DecodeStatus, kMaxCodepoints> status{};         // of each codepoint
  std::array<std::optional<Ff1Radix2>, kMaxCodepoints> ff1;  // of each live one; none for plain

  [[nodiscard]] Decoded Unpack(Codepoint codepoint, uint32_t body) const noexcept {
    return {.status = DecodeStatus::kOk,
            .codepoint = codepoint,
            .id = scheme.IdOf(body),
            .nonce = scheme.NonceOf(body)};
  }

  // One call for all tokens of the chunk that stand under this codepoint.
  void DecodeGeneration(Codepoint codepoint, std::span<const Token> tokens,
                        std::span<Decoded> out) const noexcept {
    std::array<uint32_t, kBurst> bodies;
    std::array<uint8_t, kBurst> at;
    size_t count = 0;
    for (size_t i = 0; i < tokens.size(); ++i) {
      bodies[count] = scheme.Body(tokens[i]);
      at[count] = static_cast<uint8_t>(i);
      count += scheme.CodepointOf(tokens[i]) == codepoint ? 1 : 0;
    }
    const auto& permutation = ff1[codepoint.value()];
    if (permutation) permutation->DecryptBurst({bodies.data(), count});
    for (size_t i = 0; i < count; ++i) out[at[i]] = Unpack(codepoint, bodies[i]);
  }

  // REQUIRES: at most kBurst tokens.
  void DecodeChunk(std::span<const Token> tokens, std::span<Decoded> out) const noexcept {
    unsigned live_codepoints = 0;
    for (size_t i = 0; i < tokens.size(); ++i) {
      const Codepoint codepoint = scheme.CodepointOf(tokens[i]);
      out[i] = {.status = status[codepoint.value()], .codepoint = codepoint, .id = {}};
      live_codepoints |= (out[i].status == DecodeStatus::kOk ? 1U : 0U) << codepoint.value();
    }
    for (uint8_t codepoint = 0; live_codepoints >> codepoint != 0; ++codepoint) {
      if ((live_codepoints >> codepoint & 1) == 0) continue;
      DecodeGeneration(Codepoint(codepoint), tokens, out);
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
  const DecodeStatus status = tables_->status[codepoint.value()];
  if (status != DecodeStatus::kOk) return {.status = status, .codepoint = codepoint, .id = {}};
  const auto& permutation = tables_->ff1[codepoint.value()];
  const uint32_t body = scheme.Body(token);
  return tables_->Unpack(codepoint, permutation ? permutation->Decrypt(body) : body);
}

void TokenDecoder::DecodeBurst(std::span<const Token> tokens,
                               std::span<Decoded> out) const noexcept {
  for (size_t at = 0; at < tokens.size(); at += kBurst) {
    const size_t count = std::min(kBurst, tokens.size() - at);
    tables_->DecodeChunk(tokens.subspan(at, count), out.subspan(at, count));
  }
}

}  // namespace joinery::tokenmap
