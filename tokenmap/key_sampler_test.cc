#include "tokenmap/key_sampler.h"

#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace joinery::tokenmap {
namespace {

GenerationKey SomeGeneration(uint8_t codepoint) {
  crypto::Key128::Bytes key;
  SeededRandom(7).Fill(key);
  return {.codepoint = Codepoint(codepoint), .serial = Serial(9), .key = key};
}

struct Row {
  std::string_view name;
  Algorithm algorithm;
  uint8_t r;
  uint8_t s;
  uint16_t id;
  uint8_t version;
};

constexpr Row kRows[] = {
    {.name = "demo", .algorithm = Algorithm::kFf1, .r = 2, .s = 4, .id = 11, .version = 1},
    {.name = "v0", .algorithm = Algorithm::kFf1, .r = 2, .s = 4, .id = 0, .version = 0},
    {.name = "default", .algorithm = Algorithm::kFf1, .r = 2, .s = 8, .id = 255, .version = 1},
    {.name = "r=3", .algorithm = Algorithm::kFf1, .r = 3, .s = 5, .id = 17, .version = 1},
    {.name = "plain", .algorithm = Algorithm::kPlain, .r = 2, .s = 4, .id = 5, .version = 1},
};

TEST(KeySampler, DrawsKeysWhoseTokensNameTheBackend) {
  for (const Row& row : kRows) {
    const Scheme scheme = Scheme::Create(row.algorithm, PoolId(3), row.r, row.s).value();
    const GenerationKey generation = SomeGeneration(1);
    const auto decoder = TokenDecoder::Create(scheme, {&generation, 1}).value();
    SeededRandom random(row.s);
    auto sampler =
        KeySampler::Create(scheme, generation, BackendId(row.id), row.version, random).value();
    std::set<uint64_t> keys;
    constexpr int kDraws = 200;
    for (int i = 0; i < kDraws; ++i) {
      const auto drawn = sampler.Draw();
      ASSERT_TRUE(drawn) << row.name;
      EXPECT_EQ(DerivedToken(drawn->key, row.version), drawn->token) << row.name;
      EXPECT_EQ(decoder.Decode(drawn->token).status, DecodeStatus::kOk) << row.name;
      EXPECT_EQ(decoder.Decode(drawn->token).id, BackendId(row.id)) << row.name;
      keys.insert(drawn->key);
    }
    EXPECT_EQ(keys.size(), size_t{kDraws}) << row.name << ": a key came twice";
    // Geometric with mean 2^(r+s): 200 draws stray from it by 7 % (one sigma).
    const double mean = static_cast<double>(sampler.counters().tries) / kDraws;
    const double expected = 1 << (row.r + row.s);
    EXPECT_NEAR(mean, expected, 0.3 * expected) << row.name;
    EXPECT_EQ(sampler.counters().keys, uint64_t{kDraws}) << row.name;
    EXPECT_EQ(sampler.counters().exhausted, 0U) << row.name;
  }
}

TEST(KeySampler, DrawsUnroutableKeys) {
  const Scheme scheme = Scheme::Create(Algorithm::kFf1, PoolId(3), 2, 8).value();
  SeededRandom random(1);
  auto sampler = KeySampler::Create(scheme, SomeGeneration(0), BackendId(1), 1, random).value();
  for (int i = 0; i < 50; ++i) {
    const auto drawn = sampler.DrawUnroutable();
    ASSERT_TRUE(drawn);
    EXPECT_EQ(scheme.CodepointOf(DerivedToken(drawn->key, 1)), scheme.reserved());
  }
}

// Always the same key, whose token (v1 of key 0: af5570f5) has codepoint 2.
class StuckRandom final : public Random {
 public:
  void Fill(std::span<uint8_t> out) noexcept override { std::fill(out.begin(), out.end(), 0); }
};

TEST(KeySampler, GivesUpAtTheLimit) {
  const Scheme scheme = Scheme::Create(Algorithm::kFf1, PoolId(3), 2, 4).value();
  StuckRandom random;
  auto sampler = KeySampler::Create(scheme, SomeGeneration(0), BackendId(1), 1, random).value();
  EXPECT_FALSE(sampler.Draw());
  EXPECT_EQ(sampler.counters().tries, KeySampler::kMaxTriesFactor * 64);
  EXPECT_EQ(sampler.counters().exhausted, 1U);
  EXPECT_EQ(sampler.counters().keys, 0U);
}

struct RefusalRow {
  std::string_view name;
  uint8_t s;
  uint16_t id;
  uint8_t codepoint;
  uint8_t version;
  std::string_view error;
};

TEST(KeySampler, IsCreatedOnlyInRange) {
  constexpr RefusalRow kRefusals[] = {
      {.name = "too many bits",
       .s = 11,
       .id = 0,
       .codepoint = 0,
       .version = 1,
       .error = "generation_bits + id_bits 13 is too large for derived tokens; allowed up to 12"},
      {.name = "id",
       .s = 4,
       .id = 16,
       .codepoint = 0,
       .version = 1,
       .error = "id 16 is too large; allowed 0..15"},
      {.name = "version",
       .s = 4,
       .id = 1,
       .codepoint = 0,
       .version = 2,
       .error = "mptcp_version 2 is unknown; allowed 0, 1"},
      {.name = "codepoint",
       .s = 4,
       .id = 1,
       .codepoint = 3,
       .version = 1,
       .error = "codepoint 3 is out of range; allowed 0..2 (3 is reserved)"},
  };
  SeededRandom random(1);
  for (const RefusalRow& row : kRefusals) {
    const Scheme scheme = Scheme::Create(Algorithm::kFf1, PoolId(3), 2, row.s).value();
    const auto sampler = KeySampler::Create(scheme, SomeGeneration(row.codepoint),
                                            BackendId(row.id), row.version, random);
    ASSERT_FALSE(sampler) << row.name;
    EXPECT_EQ(sampler.error().message, row.error) << row.name;
  }
}

}  // namespace
}  // namespace joinery::tokenmap
