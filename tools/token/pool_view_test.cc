#include "tools/token/pool_view.h"

#include <gtest/gtest.h>

namespace joinery::token {
namespace {

settings::Pool MakePool(std::string name) {
  settings::Pool pool;
  pool.name = std::move(name);
  pool.id = PoolId(1);
  pool.scheme.generations = {{.codepoint = Codepoint(1),
                              .serial = Serial(8),
                              .state = settings::GenerationState::kDraining,
                              .key = settings::Key128::Bytes{2}}};
  pool.backends = {{.name = "web1",
                    .id = BackendId(42),
                    .address = *IpAddress::Parse("198.18.0.11"),
                    .state = settings::BackendState::kFailed}};
  return pool;
}

struct FlagsRow {
  std::string_view name;
  SchemeFlags flags;
  std::string_view error;  // empty: accepted
};

TEST(FromFlags, ChecksEverything) {
  const FlagsRow rows[] = {
      {.name = "plain", .flags = {.algorithm = "plain", .generations = {"0:1"}}, .error = ""},
      {.name = "algorithm",
       .flags = {.algorithm = "rot13", .generations = {}},
       .error = "--algorithm rot13 is unknown; allowed ff1, plain"},
      {.name = "bits",
       .flags = {.algorithm = "ff1", .generation_bits = 258, .generations = {}},
       .error = "generation_bits 255 is out of range; allowed 2..3"},
      {.name = "no serial",
       .flags = {.algorithm = "plain", .generations = {"1"}},
       .error = "--generation \"1\": give CODEPOINT:SERIAL"},
      {.name = "no key",
       .flags = {.algorithm = "ff1", .generations = {"1:2"}},
       .error = "--generation \"1:2\": give CODEPOINT:SERIAL:KEYFILE"},
      {.name = "no number",
       .flags = {.algorithm = "plain", .generations = {"1:x"}},
       .error = "--generation \"1:x\": codepoint and serial are numbers"},
      {.name = "reserved",
       .flags = {.algorithm = "plain", .generations = {"3:1"}},
       .error = "codepoint 3 is out of range; allowed 0..2 (3 is reserved)"},
  };
  for (const FlagsRow& row : rows) {
    const auto pool = FromFlags(row.flags);
    EXPECT_EQ(pool ? "" : pool.error().message, row.error) << row.name;
  }
}

TEST(FromConfig, TakesTheWholePool) {
  settings::Config config;
  config.pools = {MakePool("web")};
  const PoolView pool = FromConfig(config, "web").value();
  EXPECT_EQ(pool.scheme.algorithm(), tokenmap::Algorithm::kFf1);
  EXPECT_EQ(pool.scheme.pool(), PoolId(1));
  ASSERT_EQ(pool.generations.size(), 1U);
  EXPECT_EQ(pool.generations[0].key.serial, Serial(8));
  EXPECT_EQ(pool.generations[0].state, "draining");
  EXPECT_EQ(FindGeneration(pool, Codepoint(1)), pool.generations.data());
  EXPECT_EQ(FindGeneration(pool, Codepoint(0)), nullptr);
  ASSERT_TRUE(pool.knows_backends);
  ASSERT_EQ(pool.backends.size(), 1U);
  EXPECT_EQ(pool.backends[0].address, "198.18.0.11");
  EXPECT_EQ(pool.backends[0].state, "failed");
  EXPECT_FALSE(pool.backends[0].is_reached);
}

TEST(FromConfig, FindsThePool) {
  settings::Config config;
  config.pools = {MakePool("web")};
  EXPECT_EQ(FromConfig(config, "").value().name, "web");
  EXPECT_EQ(FromConfig(config, "wbe").error().message, "no pool is called \"wbe\"; there are: web");
  config.pools.push_back(MakePool("mail"));
  EXPECT_EQ(FromConfig(config, "mail").value().name, "mail");
  EXPECT_EQ(FromConfig(config, "").error().message, "name a pool with --pool: web, mail");
}

}  // namespace
}  // namespace joinery::token
