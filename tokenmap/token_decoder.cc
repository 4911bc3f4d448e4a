#include "tokenmap/token_decoder.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "tokenmap/ff1_radix2.h"

namespace joinery::tokenmap {

namespace {

constexpr size_t kMaxCodepoints = size_t{1} << kMaxGenerationBits;

// How many tokens are looked up before they are decrypted.
constexpr size_t kBurst = 32;

}  // namespace

struct TokenDecoder::Tables {
  Scheme scheme;
  std::array<DecodeStatus, kMaxCodepoints> status{};         // of each codepoint
  std::array<std::optional<Ff1Radix2>, kMaxCodepoints> ff1;  // of each live one; none for plain

  // None for plain, and where nothing is live.
  [[nodiscard]] const Ff1Radix2* PermutationOf(Codepoint codepoint) const noexcept {
    const auto& permutation = ff1[codepoint.value()];
    return permutation ? &*permutation : nullptr;
  }

  // Bodies that stand under one codepoint; they are decrypted in place.
  void DecodeGeneration(Codepoint codepoint, std::span<uint32_t> bodies,
                        std::span<Decoded> out) const noexcept {
    const Scheme layout = scheme;  // a copy that the stores below cannot alias
    const DecodeStatus found = status[codepoint.value()];
    const bool is_live = found == DecodeStatus::kOk;
    if (const Ff1Radix2* permutation = PermutationOf(codepoint)) permutation->DecryptBurst(bodies);
    for (size_t i = 0; i < bodies.size(); ++i) {
      const uint32_t body = is_live ? bodies[i] : 0;
      out[i] = {.status = found,
                .codepoint = codepoint,
                .id = layout.IdOf(body),
                .nonce = layout.NonceOf(body)};
    }
  }

  // Between rotations all tokens of a pool stand under one codepoint: then nothing is looked up for
  // each of them, and this is true. REQUIRES: 1 to kBurst tokens.
  [[nodiscard]] bool DecodeIfOneGeneration(std::span<const Token> tokens,
                                           std::span<Decoded> out) const noexcept {
    const Scheme layout = scheme;
    std::array<uint32_t, kBurst> bodies;
    uint32_t differing_bits = 0;
    for (size_t i = 0; i < tokens.size(); ++i) {
      bodies[i] = layout.Body(tokens[i]);
      differing_bits |= tokens[i].value() ^ tokens[0].value();
    }
    if (layout.CodepointOf(Token(differing_bits)) != Codepoint(0)) return false;
    DecodeGeneration(layout.CodepointOf(tokens[0]), {bodies.data(), tokens.size()}, out);
    return true;
  }

  // `body` is decrypted already.
  [[nodiscard]] Decoded Describe(Codepoint codepoint, uint32_t body) const noexcept {
    const DecodeStatus found = status[codepoint.value()];
    if (found != DecodeStatus::kOk) body = 0;
    return {.status = found,
            .codepoint = codepoint,
            .id = scheme.IdOf(body),
            .nonce = scheme.NonceOf(body)};
  }
};

namespace {

// Tokens, at most kBurst, whose tables TablesOf(i) tells: first the permutations of all are looked
// up, so that then they are undone together, whatever pool and generation they are of.
template <typename TablesOf>
void DecodeChunk(const TablesOf& tables_of, std::span<const Token> tokens,
                 std::span<Decoded> out) noexcept {
  std::array<const Ff1Radix2*, kBurst> permutations;
  std::array<uint32_t, kBurst> permuted;
  std::array<uint8_t, kBurst> at;  // of each permuted body, in `bodies`
  std::array<uint32_t, kBurst> bodies;
  size_t count = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    const auto& tables = tables_of(i);
    bodies[i] = tables.scheme.Body(tokens[i]);
    permutations[count] = tables.PermutationOf(tables.scheme.CodepointOf(tokens[i]));
    permuted[count] = bodies[i];
    at[count] = static_cast<uint8_t>(i);
    count += permutations[count] != nullptr ? 1 : 0;
  }
  Ff1Radix2::DecryptEach({permutations.data(), count}, {permuted.data(), count});
  for (size_t i = 0; i < count; ++i) bodies[at[i]] = permuted[i];
  for (size_t i = 0; i < tokens.size(); ++i) {
    const auto& tables = tables_of(i);
    out[i] = tables.Describe(tables.scheme.CodepointOf(tokens[i]), bodies[i]);
  }
}

// Calls `decode(at, count)` for parts of at most kBurst.
template <typename Decode>
void InChunks(size_t size, const Decode& decode) noexcept {
  for (size_t at = 0; at < size; at += kBurst) decode(at, std::min(kBurst, size - at));
}

}  // namespace

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
  Decoded decoded;
  DecodeBurst({&token, 1}, {&decoded, 1});
  return decoded;
}

void TokenDecoder::DecodeBurst(std::span<const Token> tokens,
                               std::span<Decoded> out) const noexcept {
  const auto tables_of = [this](size_t) -> const Tables& { return *tables_; };
  InChunks(tokens.size(), [&](size_t at, size_t count) {
    const std::span<const Token> some = tokens.subspan(at, count);
    if (tables_->DecodeIfOneGeneration(some, out.subspan(at, count))) return;
    DecodeChunk(tables_of, some, out.subspan(at, count));
  });
}

void TokenDecoder::DecodeEach(std::span<const TokenDecoder* const> decoders,
                              std::span<const Token> tokens, std::span<Decoded> out) noexcept {
  if (tokens.empty()) return;
  const TokenDecoder* first = decoders[0];
  if (std::ranges::all_of(decoders.first(tokens.size()),
                          [=](const TokenDecoder* decoder) { return decoder == first; })) {
    return first->DecodeBurst(tokens, out);
  }
  InChunks(tokens.size(), [&](size_t at, size_t count) {
    const auto tables_of = [&](size_t i) -> const Tables& { return *decoders[at + i]->tables_; };
    DecodeChunk(tables_of, tokens.subspan(at, count), out.subspan(at, count));
  });
}

}  // namespace joinery::tokenmap
