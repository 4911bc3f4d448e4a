// Tokens there and back: encoder against decoder, over all generations and engines.
#include "tokenmap/token_decoder.h"

#include <algorithm>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "tokenmap/token_encoder.h"

namespace joinery::tokenmap {
namespace {

using crypto::AesEngine;

constexpr PoolId kPool(42);

Scheme MakeScheme(Algorithm algorithm, uint8_t r, uint8_t s) {
  return Scheme::Create(algorithm, kPool, r, s).value();
}

// One for every usable codepoint, with serials that are not the codepoints.
std::vector<GenerationKey> AllGenerations(const Scheme& scheme) {
  std::vector<GenerationKey> generations;
  for (uint8_t codepoint = 0; codepoint < scheme.reserved().value(); ++codepoint) {
    crypto::Key128::Bytes key;
    SeededRandom(codepoint).Fill(key);
    generations.push_back(
        {.codepoint = Codepoint(codepoint), .serial = Serial(1000U + codepoint), .key = key});
  }
  return generations;
}

struct SchemeRow {
  std::string_view name;
  Scheme scheme;
};

std::vector<SchemeRow> Schemes() {
  return {
      {.name = "ff1 r=2 s=8", .scheme = MakeScheme(Algorithm::kFf1, 2, 8)},
      {.name = "ff1 r=3 s=7", .scheme = MakeScheme(Algorithm::kFf1, 3, 7)},
      {.name = "ff1 r=2 s=1", .scheme = MakeScheme(Algorithm::kFf1, 2, 1)},
      {.name = "ff1 r=3 s=11", .scheme = MakeScheme(Algorithm::kFf1, 3, 11)},
      {.name = "plain r=2 s=8", .scheme = MakeScheme(Algorithm::kPlain, 2, 8)},
      {.name = "plain r=3 s=11", .scheme = MakeScheme(Algorithm::kPlain, 3, 11)},
  };
}

TEST(TokenDecoder, FindsEveryIdUnderEveryGeneration) {
  SeededRandom random(1);
  for (const SchemeRow& row : Schemes()) {
    const auto generations = AllGenerations(row.scheme);
    const auto decoder = TokenDecoder::Create(row.scheme, generations).value();
    const uint32_t nonces = 1U << row.scheme.nonce_bits();
    for (const GenerationKey& generation : generations) {
      const auto encoder = TokenEncoder::Create(row.scheme, generation).value();
      for (uint32_t id = 0; id < 1U << row.scheme.id_bits(); ++id) {
        for (const uint32_t nonce : {0U, nonces - 1, random.Below(nonces)}) {
          const auto token = encoder.Encode(BackendId(static_cast<uint16_t>(id)), nonce);
          ASSERT_TRUE(token) << row.name;
          const Decoded expected = {.status = DecodeStatus::kOk,
                                    .codepoint = generation.codepoint,
                                    .id = BackendId(static_cast<uint16_t>(id)),
                                    .nonce = nonce};
          ASSERT_EQ(decoder.Decode(*token), expected) << row.name << " id " << id;
        }
      }
    }
  }
}

// The smallest nonce space that a scheme can have: every pair of two IDs, no token twice.
TEST(TokenEncoder, GivesDistinctTokensForDistinctPairs) {
  for (const Algorithm algorithm : {Algorithm::kFf1, Algorithm::kPlain}) {
    const Scheme scheme = MakeScheme(algorithm, 2, 12);
    const auto generations = AllGenerations(scheme);
    const auto encoder = TokenEncoder::Create(scheme, generations[1]).value();
    const auto decoder = TokenDecoder::Create(scheme, generations).value();
    std::vector<Token> tokens;
    for (const BackendId id : {BackendId(0), BackendId(4095)}) {
      for (uint32_t nonce = 0; nonce < 1U << scheme.nonce_bits(); ++nonce) {
        tokens.push_back(encoder.Encode(id, nonce).value());
        const Decoded decoded = decoder.Decode(tokens.back());
        ASSERT_EQ(decoded.id, id) << nonce;
        ASSERT_EQ(decoded.nonce, nonce);
      }
    }
    std::sort(tokens.begin(), tokens.end());
    EXPECT_EQ(std::adjacent_find(tokens.begin(), tokens.end()), tokens.end()) << Name(algorithm);
  }
}

// Any 32-bit value, live codepoint or not, in bursts of any size and by any engine.
TEST(TokenDecoder, BurstsEqualSingleDecodes) {
  SeededRandom random(2);
  for (const SchemeRow& row : Schemes()) {
    const auto generations = AllGenerations(row.scheme);
    const std::span live = std::span(generations).subspan(1);  // codepoint 0 is not live
    for (const AesEngine engine : crypto::kAesEngines) {
      if (!crypto::IsSupported(engine)) continue;
      const auto slow = TokenDecoder::Create(row.scheme, live, AesEngine::kOpenssl).value();
      const auto decoder = TokenDecoder::Create(row.scheme, live, engine).value();
      for (size_t size = 0; size <= 70; ++size) {
        std::vector<Token> tokens(size);
        for (Token& token : tokens) token = Token(random.Uint32());
        std::vector<Decoded> out(size);
        decoder.DecodeBurst(tokens, out);
        for (size_t i = 0; i < size; ++i) {
          ASSERT_EQ(out[i], slow.Decode(tokens[i]))
              << row.name << ", " << crypto::Name(engine) << ", token " << tokens[i].value();
        }
      }
    }
  }
}

// Tokens of all schemes at once, each by its own decoder.
TEST(TokenDecoder, BurstsOfSeveralPoolsEqualSingleDecodes) {
  SeededRandom random(4);
  for (const AesEngine engine : crypto::kAesEngines) {
    if (!crypto::IsSupported(engine)) continue;
    std::vector<TokenDecoder> decoders;
    for (const SchemeRow& row : Schemes()) {
      const auto generations = AllGenerations(row.scheme);
      decoders.push_back(
          TokenDecoder::Create(row.scheme, std::span(generations).subspan(1), engine).value());
    }
    for (size_t size = 0; size <= 70; ++size) {
      std::vector<const TokenDecoder*> each;
      std::vector<Token> tokens;
      for (size_t i = 0; i < size; ++i) {
        each.push_back(&decoders[random.Below(static_cast<uint32_t>(decoders.size()))]);
        tokens.push_back(Token(random.Uint32()));
      }
      std::vector<Decoded> out(size);
      TokenDecoder::DecodeEach(each, tokens, out);
      for (size_t i = 0; i < size; ++i) {
        ASSERT_EQ(out[i], each[i]->Decode(tokens[i]))
            << crypto::Name(engine) << ", token " << tokens[i].value() << " of " << size;
      }
    }
  }
}

TEST(TokenDecoder, SaysWhyATokenDoesNotDecode) {
  for (const SchemeRow& row : Schemes()) {
    const auto generations = AllGenerations(row.scheme);
    const auto decoder = TokenDecoder::Create(row.scheme, std::span(generations).first(1)).value();
    SeededRandom random(3);
    for (int i = 0; i < 100; ++i) {
      const Token unroutable = UnroutableToken(row.scheme, random);
      EXPECT_EQ(decoder.Decode(unroutable).status, DecodeStatus::kReserved) << row.name;
      const auto other = TokenEncoder::Create(row.scheme, generations[1]).value();
      const Decoded decoded = decoder.Decode(other.Encode(BackendId(1), 5).value());
      EXPECT_EQ(decoded.status, DecodeStatus::kNoGeneration) << row.name;
      EXPECT_EQ(decoded.codepoint, Codepoint(1)) << row.name;
    }
  }
}

TEST(TokenDecoder, DecodesNothingWithoutGenerations) {
  const auto decoder = TokenDecoder::Create(MakeScheme(Algorithm::kFf1, 2, 8), {}).value();
  EXPECT_EQ(decoder.Decode(Token(0)).status, DecodeStatus::kNoGeneration);
  EXPECT_EQ(decoder.Decode(Token(0xffffffff)).status, DecodeStatus::kReserved);
}

struct RefusalRow {
  std::string_view name;
  std::vector<uint8_t> codepoints;
  std::string_view error;
};

TEST(TokenDecoder, RefusesBadCodepoints) {
  const RefusalRow rows[] = {
      {.name = "reserved",
       .codepoints = {3},
       .error = "codepoint 3 is out of range; allowed 0..2 (3 is reserved)"},
      {.name = "out of range",
       .codepoints = {0, 200},
       .error = "codepoint 200 is out of range; allowed 0..2 (3 is reserved)"},
      {.name = "twice",
       .codepoints = {1, 1},
       .error = "codepoint 1 is given twice; allowed one generation for each"},
  };
  const Scheme scheme = MakeScheme(Algorithm::kFf1, 2, 8);
  for (const RefusalRow& row : rows) {
    std::vector<GenerationKey> live;
    for (const uint8_t codepoint : row.codepoints) {
      live.push_back({.codepoint = Codepoint(codepoint), .serial = Serial(1), .key = {}});
    }
    const auto decoder = TokenDecoder::Create(scheme, live);
    ASSERT_FALSE(decoder) << row.name;
    EXPECT_EQ(decoder.error().message, row.error) << row.name;
  }
}

TEST(TokenEncoder, RefusesWhatDoesNotFit) {
  const Scheme scheme = MakeScheme(Algorithm::kFf1, 2, 8);
  const GenerationKey generation = {.codepoint = Codepoint(0), .serial = Serial(1), .key = {}};
  const auto encoder = TokenEncoder::Create(scheme, generation).value();
  EXPECT_TRUE(encoder.Encode(BackendId(255), (1U << 22) - 1));
  EXPECT_FALSE(encoder.Encode(BackendId(256), 0));
  EXPECT_FALSE(encoder.Encode(BackendId(0), 1U << 22));
  const GenerationKey reserved = {.codepoint = Codepoint(3), .serial = Serial(1), .key = {}};
  ASSERT_FALSE(TokenEncoder::Create(scheme, reserved));
  EXPECT_EQ(TokenEncoder::Create(scheme, reserved).error().message,
            "codepoint 3 is out of range; allowed 0..2 (3 is reserved)");
}

TEST(TokenEncoder, PlainShowsTheId) {
  const Scheme scheme = MakeScheme(Algorithm::kPlain, 2, 8);
  const GenerationKey generation = {.codepoint = Codepoint(1), .serial = Serial(1), .key = {}};
  const auto encoder = TokenEncoder::Create(scheme, generation).value();
  EXPECT_EQ(encoder.Encode(BackendId(0x2a), 0x112345), Token(0x4a912345));
}

}  // namespace
}  // namespace joinery::tokenmap
