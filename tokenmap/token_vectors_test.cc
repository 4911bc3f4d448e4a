// testdata/token_vectors.txt: what the slow twin says, kept in a file so that C++, the C header and
// the kernel module can all be held to it. `bazel run //tokenmap:token_vectors_test -- --rewrite`
// writes it anew; a change in it means that old and new builds no longer understand each other.
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/big_endian.h"
#include "base/hex.h"
#include "base/random.h"
#include "crypto/sha_key.h"
#include "tokenmap/c/ff1_radix2_cxx.h"
#include "tokenmap/derived_token.h"
#include "tokenmap/ff1_radix2_twin.h"
#include "tokenmap/token_decoder.h"
#include "tokenmap/token_encoder.h"
#include "tokenmap/vector_file.h"

namespace joinery::tokenmap {
namespace {

constexpr const char* kPath = "tokenmap/testdata/token_vectors.txt";

constexpr std::string_view kHeader =
    "# Joinery token vectors, from the slow twin (tokenmap/token_vectors_test.cc --rewrite).\n"
    "# plain|ff1 r s pool serial codepoint key id nonce token   (decimal; key and token in hex)\n"
    "# derived key token_v0 token_v1                            (hex; the key in network order)\n";

struct TokenVector {
  Algorithm algorithm;
  uint8_t r;
  uint8_t s;
  PoolId pool;
  GenerationKey generation;
  BackendId id;
  uint32_t nonce;
  Token token;
};

struct DerivedVector {
  uint64_t key;
  Token v0;
  Token v1;
};

struct Vectors {
  std::vector<TokenVector> tokens;
  std::vector<DerivedVector> derived;
};

Token TwinToken(const TokenVector& v) {
  const auto n = static_cast<uint8_t>(32 - v.r);
  const uint32_t body = uint32_t{v.id.value()} << (n - v.s) | v.nonce;
  const Ff1Radix2Twin twin(v.generation.key, v.pool, v.generation.serial, n);
  return Token(uint32_t{v.generation.codepoint.value()} << n |
               (v.algorithm == Algorithm::kPlain ? body : twin.Encrypt(body)));
}

// The corners of each scheme, and random pairs.
std::vector<TokenVector> MakeScheme(Random& random, Algorithm algorithm, uint8_t r, uint8_t s) {
  const uint32_t ids = 1U << s;
  const uint32_t nonces = 1U << (32 - r - s);
  const std::pair<uint32_t, uint32_t> pairs[] = {{0, 0},
                                                 {ids - 1, nonces - 1},
                                                 {0, nonces - 1},
                                                 {ids - 1, 0},
                                                 {random.Below(ids), random.Below(nonces)},
                                                 {random.Below(ids), random.Below(nonces)}};
  std::vector<TokenVector> made;
  for (const auto& [id, nonce] : pairs) {
    crypto::Key128::Bytes key{};
    if (algorithm == Algorithm::kFf1) random.Fill(key);
    made.push_back(
        {.algorithm = algorithm,
         .r = r,
         .s = s,
         .pool = PoolId(random.Uint32() >> random.Below(32)),
         .generation = {.codepoint = Codepoint(static_cast<uint8_t>(random.Below((1U << r) - 1))),
                        .serial = Serial(random.Uint64() >> random.Below(64)),
                        .key = key},
         .id = BackendId(static_cast<uint16_t>(id)),
         .nonce = nonce,
         .token = {}});
    made.back().token = TwinToken(made.back());
  }
  return made;
}

std::string Write() {
  SeededRandom random(2026);
  std::string text(kHeader);
  for (const Algorithm algorithm : {Algorithm::kPlain, Algorithm::kFf1}) {
    for (const auto& [r, s] : {std::pair<uint8_t, uint8_t>{2, 1},
                               {2, 4},
                               {2, 8},
                               {2, 10},
                               {2, 12},
                               {3, 1},
                               {3, 7},
                               {3, 11}}) {
      for (const TokenVector& v : MakeScheme(random, algorithm, r, s)) {
        text +=
            fmt::format("{} {} {} {} {} {} {} {} {} {:08x}\n", Name(algorithm), r, s,
                        v.pool.value(), v.generation.serial.value(), v.generation.codepoint.value(),
                        ToHex(v.generation.key.bytes()), v.id.value(), v.nonce, v.token.value());
      }
    }
  }
  for (int i = 0; i < 16; ++i) {
    const uint64_t key = i == 0 ? 0 : i == 1 ? ~uint64_t{0} : random.Uint64();
    text += fmt::format("derived {:016x} {:08x} {:08x}\n", key,
                        LoadBe32(crypto::Sha1OfKey(key, crypto::ShaEngine::kOpenssl).data()),
                        LoadBe32(crypto::Sha256OfKey(key, crypto::ShaEngine::kOpenssl).data()));
  }
  return text;
}

std::string Read() { return ReadVectors(kPath); }

TokenVector ParseToken(const std::string& algorithm, std::istringstream& line) {
  unsigned r = 0, s = 0, codepoint = 0, id = 0;
  uint32_t pool = 0, nonce = 0, token = 0;
  uint64_t serial = 0;
  std::string key_hex;
  line >> r >> s >> pool >> serial >> codepoint >> key_hex >> id >> nonce >> std::hex >> token;
  const auto bytes = FromHex(key_hex);
  EXPECT_TRUE(line && bytes && bytes->size() == 16) << line.str();
  crypto::Key128::Bytes key{};
  if (bytes && bytes->size() == key.size()) std::copy(bytes->begin(), bytes->end(), key.begin());
  return {.algorithm = algorithm == "plain" ? Algorithm::kPlain : Algorithm::kFf1,
          .r = static_cast<uint8_t>(r),
          .s = static_cast<uint8_t>(s),
          .pool = PoolId(pool),
          .generation = {.codepoint = Codepoint(static_cast<uint8_t>(codepoint)),
                         .serial = Serial(serial),
                         .key = key},
          .id = BackendId(static_cast<uint16_t>(id)),
          .nonce = nonce,
          .token = Token(token)};
}

Vectors Parse(const std::string& text) {
  Vectors vectors;
  std::istringstream lines(text);
  for (std::string text_line; std::getline(lines, text_line);) {
    if (text_line.starts_with('#')) continue;
    std::istringstream line(text_line);
    std::string word;
    line >> word;
    if (word == "derived") {
      uint64_t key = 0;
      uint32_t v0 = 0, v1 = 0;
      line >> std::hex >> key >> v0 >> v1;
      EXPECT_TRUE(line) << text_line;
      vectors.derived.push_back({.key = key, .v0 = Token(v0), .v1 = Token(v1)});
    } else {
      EXPECT_TRUE(word == "plain" || word == "ff1") << text_line;
      vectors.tokens.push_back(ParseToken(word, line));
    }
  }
  return vectors;
}

TEST(TokenVectors, AreWhatTheSlowTwinSays) { EXPECT_EQ(Read(), Write()); }

TEST(TokenVectors, HoldForEveryEngine) {
  const Vectors vectors = Parse(Read());
  ASSERT_GE(vectors.tokens.size(), 90U);
  for (const TokenVector& v : vectors.tokens) {
    const Scheme scheme = Scheme::Create(v.algorithm, v.pool, v.r, v.s).value();
    for (const crypto::AesEngine engine : crypto::kAesEngines) {
      if (!crypto::IsSupported(engine)) continue;
      const auto encoder = TokenEncoder::Create(scheme, v.generation, engine).value();
      EXPECT_EQ(encoder.Encode(v.id, v.nonce), v.token) << crypto::Name(engine);
      const auto decoder = TokenDecoder::Create(scheme, {&v.generation, 1}, engine).value();
      const Decoded decoded = decoder.Decode(v.token);
      EXPECT_EQ(decoded.status, DecodeStatus::kOk) << crypto::Name(engine);
      EXPECT_EQ(decoded.id, v.id) << crypto::Name(engine);
      EXPECT_EQ(decoded.nonce, v.nonce) << crypto::Name(engine);
    }
  }
}

TEST(TokenVectors, HoldForTheCHeader) {
  for (const TokenVector& v : Parse(Read()).tokens) {
    const crypto::Aes128 key(v.generation.key);
    joinery_token_generation generation{};
    ASSERT_EQ(joinery_token_init(&generation, &key, static_cast<uint8_t>(v.algorithm), v.r, v.s,
                                 v.generation.codepoint.value(), v.pool.value(),
                                 v.generation.serial.value()),
              0);
    EXPECT_EQ(joinery_token_encode(&generation, &key, v.id.value(), v.nonce), v.token.value());
    uint32_t id = 0;
    uint32_t nonce = 0;
    ASSERT_EQ(joinery_token_decode(&generation, &key, v.token.value(), &id, &nonce), 1);
    EXPECT_EQ(id, v.id.value());
    EXPECT_EQ(nonce, v.nonce);
    const uint32_t other_codepoint = v.token.value() ^ 1U << (32 - v.r);
    EXPECT_EQ(joinery_token_decode(&generation, &key, other_codepoint, &id, &nonce), 0);
  }
}

TEST(TokenVectors, HoldForDerivedTokens) {
  const Vectors vectors = Parse(Read());
  ASSERT_EQ(vectors.derived.size(), 16U);
  for (const DerivedVector& v : vectors.derived) {
    EXPECT_EQ(DerivedToken(v.key, 0), v.v0) << std::hex << v.key;
    EXPECT_EQ(DerivedToken(v.key, 1), v.v1) << std::hex << v.key;
  }
}

}  // namespace

int Main(int argc, char** argv) { return RunVectors(argc, argv, kPath, Write); }

}  // namespace joinery::tokenmap

int main(int argc, char** argv) { return joinery::tokenmap::Main(argc, argv); }
