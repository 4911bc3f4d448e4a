#include "backend/kmod/loader/scheme_request.h"

#include <gtest/gtest.h>

namespace joinery::kmod {
namespace {

constexpr settings::Key128::Bytes kKey = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

TEST(SchemeFromFlags, FillsEveryField) {
  const auto scheme = SchemeFromFlags(
      {.pool = 7, .id = 5, .r = 3, .s = 4, .serial = 9, .codepoint = 6, .algorithm = "ff1"}, kKey);
  ASSERT_TRUE(scheme) << scheme.error().message;
  EXPECT_EQ(scheme->magic, JOINERY_TOKEN_MAGIC);
  EXPECT_EQ(scheme->schema, JOINERY_TOKEN_SCHEMA);
  EXPECT_EQ(scheme->command, JOINERY_TOKEN_SET);
  EXPECT_EQ(scheme->pool, 7u);
  EXPECT_EQ(scheme->backend, 5);
  EXPECT_EQ(scheme->algorithm, 1);
  EXPECT_EQ(scheme->generation_bits, 3);
  EXPECT_EQ(scheme->serial, 9u);
  EXPECT_EQ(scheme->id_bits, 4);
  EXPECT_EQ(scheme->codepoint, 6);
  EXPECT_EQ(scheme->key[0], 1);
  EXPECT_EQ(scheme->key[15], 16);
}

TEST(SchemeFromFlags, PlainHasNoKey) {
  const auto scheme = SchemeFromFlags({.algorithm = "plain"}, kKey);
  ASSERT_TRUE(scheme);
  EXPECT_EQ(scheme->algorithm, 0);
  for (const uint8_t byte : scheme->key) EXPECT_EQ(byte, 0);
}

TEST(SchemeFromFlags, Ranges) {
  struct Row {
    const char* name;
    SchemeFlags flags;
    std::string error;  // empty: accepted
  };
  const Row rows[] = {
      {.name = "widest ID", .flags = {.id = 1023, .r = 2, .s = 10}, .error = ""},
      {.name = "last codepoint", .flags = {.r = 3, .codepoint = 6}, .error = ""},
      {.name = "r too small", .flags = {.r = 1}, .error = "r = 1; allowed 2..3"},
      {.name = "r too large", .flags = {.r = 4}, .error = "r = 4; allowed 2..3"},
      {.name = "s of 0", .flags = {.s = 0}, .error = "s = 0; allowed 1..10"},
      {.name = "r + s over 12", .flags = {.r = 3, .s = 10}, .error = "s = 10; allowed 1..9"},
      {.name = "reserved", .flags = {.codepoint = 3}, .error = "codepoint = 3; allowed 0..2"},
      {.name = "ID too wide", .flags = {.id = 16, .s = 4}, .error = "id = 16; allowed 0..15"},
      {.name = "algorithm", .flags = {.algorithm = "ff3"}, .error = "algorithm = ff3; allowed"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const auto scheme = SchemeFromFlags(row.flags, kKey);
    EXPECT_EQ(scheme.has_value(), row.error.empty());
    if (scheme) continue;
    EXPECT_EQ(scheme.error().message.find(row.error), 0u) << scheme.error().message;
  }
}

settings::Pool MakePool(const char* name, const char* backend) {
  settings::Generation draining;
  draining.codepoint = Codepoint(0);
  draining.serial = Serial(4);
  draining.state = settings::GenerationState::kDraining;
  settings::Generation active;
  active.codepoint = Codepoint(1);
  active.serial = Serial(5);
  active.key = kKey;
  settings::Backend host;
  host.name = backend;
  host.id = BackendId(77);
  settings::Pool pool;
  pool.name = name;
  pool.id = PoolId(3);
  pool.scheme.generations = {draining, active};
  pool.backends = {host};
  return pool;
}

TEST(SchemeFromConfig, TakesTheActiveGeneration) {
  settings::Config config;
  config.pools = {MakePool("web", "b1"), MakePool("mail", "b2")};
  const auto scheme = SchemeFromConfig(config, "b2");
  ASSERT_TRUE(scheme) << scheme.error().message;
  EXPECT_EQ(scheme->pool, 3u);
  EXPECT_EQ(scheme->backend, 77);
  EXPECT_EQ(scheme->codepoint, 1);
  EXPECT_EQ(scheme->serial, 5u);
  EXPECT_EQ(scheme->key[0], 1);
}

TEST(SchemeFromConfig, Refuses) {
  settings::Config config;
  config.pools = {MakePool("web", "b1"), MakePool("mail", "b1"), MakePool("idle", "b3")};
  config.pools[2].scheme.generations.pop_back();
  EXPECT_EQ(SchemeFromConfig(config, "b2").error().message, "no pool has a backend b2");
  EXPECT_EQ(SchemeFromConfig(config, "b1").error().message,
            "backend b1 is in the pools web and mail; a host issues tokens for one");
  EXPECT_EQ(SchemeFromConfig(config, "b3").error().message, "pool idle has no active generation");
}

TEST(ClearRequest, HasNothingElse) {
  const joinery_token_scheme request = ClearRequest();
  EXPECT_EQ(request.command, JOINERY_TOKEN_CLEAR);
  EXPECT_EQ(request.pool, 0u);
  EXPECT_EQ(request.generation_bits, 0);
}

}  // namespace
}  // namespace joinery::kmod
