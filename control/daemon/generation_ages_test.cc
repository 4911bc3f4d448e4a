#include "control/daemon/generation_ages.h"

#include <gtest/gtest.h>

namespace joinery::control {
namespace {

using std::chrono::seconds;

TEST(GenerationAges, CountFromTheFirstLook) {
  Model model;
  Pool& pool = model.durable.pools["web"];
  pool.generations.push_back({.codepoint = Codepoint(0),
                              .serial = Serial(1),
                              .state = GenerationState::kPending,
                              .key = {}});
  const Generation& generation = pool.generations.front();
  GenerationAges ages;
  const Instant start(seconds(100));
  EXPECT_EQ(ages.Age(model, "web", generation, start), seconds(0)) << "nobody has looked";
  ages.Look(model, start);
  ages.Look(model, start + seconds(1));
  EXPECT_EQ(ages.Age(model, "web", generation, start + seconds(5)), seconds(5));

  pool.generations.front().state = GenerationState::kActive;
  EXPECT_EQ(ages.Age(model, "web", generation, start + seconds(5)), seconds(0)) << "another state";
  ages.Look(model, start + seconds(6));
  EXPECT_EQ(ages.Age(model, "web", generation, start + seconds(8)), seconds(2));
}

TEST(GenerationAges, OfDrainingIsDurable) {
  Model model;
  model.durable.age = seconds(500);
  const Generation draining{.codepoint = Codepoint(0),
                            .serial = Serial(1),
                            .state = GenerationState::kDraining,
                            .key = {},
                            .draining_since = seconds(300)};
  EXPECT_EQ(GenerationAges().Age(model, "web", draining, Instant{}), seconds(200));
}

}  // namespace
}  // namespace joinery::control
