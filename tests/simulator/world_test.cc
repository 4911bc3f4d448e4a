#include "tests/simulator/world.h"

#include <gtest/gtest.h>

#include "control/model/rules.h"

namespace joinery::simulator {
namespace {

TEST(World, KeepsAllRulesThroughSomeHistories) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    World world(seed);
    const std::optional<std::string> failure = world.Run();
    EXPECT_FALSE(failure) << "seed " << seed << ": " << failure.value_or("") << "; "
                          << ToString(world.options());
  }
}

TEST(World, IsTheSameForTheSameSeed) {
  World first(7);
  World second(7);
  first.KeepLog();
  second.KeepLog();
  (void)first.Run();
  (void)second.Run();
  EXPECT_EQ(first.log(), second.log());
  EXPECT_FALSE(first.log().empty());
}

TEST(World, NoticesABrokenRule) {
  for (const control::RuleText& rule : control::kRules) {
    if (rule.rule == control::Rule::kLeasedMustConfirm) control::broken_rule = &rule;
  }
  std::optional<std::string> failure;
  for (uint64_t seed = 1; seed <= 30 && !failure; ++seed) failure = World(seed).Run();
  control::broken_rule = nullptr;
  EXPECT_TRUE(failure);
}

}  // namespace
}  // namespace joinery::simulator
