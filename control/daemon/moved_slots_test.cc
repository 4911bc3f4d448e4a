#include "control/daemon/moved_slots.h"

#include <gtest/gtest.h>

namespace joinery::control {
namespace {

constexpr uint32_t kSize = 251;

Pool PoolOf(const std::map<std::string, BackendState>& states) {
  Pool pool;
  pool.service.table_size = kSize;
  pool.hash_secret = crypto::Key128::Bytes{1};
  for (const auto& [name, state] : states) pool.backends[name].state = state;
  return pool;
}

DesiredPool Wanted(const Placement& weights, uint32_t size = kSize) {
  DesiredPool desired;
  desired.service.table_size = size;
  for (const auto& [name, weight] : weights) desired.backends[name].weight = weight;
  return desired;
}

constexpr BackendState kUp = BackendState::kUp;

uint32_t Moved(const Pool& pool, const DesiredPool& desired) {
  const auto moved = CountMovedSlots(pool, desired);
  EXPECT_TRUE(moved) << moved.error().message;
  EXPECT_EQ(moved->size, desired.service.table_size);
  return moved->moved;
}

TEST(MovedSlots, NoneWithoutAChange) {
  EXPECT_EQ(Moved(PoolOf({{"a", kUp}, {"b", kUp}}), Wanted({{"a", 1}, {"b", 1}})), 0U);
}

TEST(MovedSlots, AThirdWhenAThirdComes) {
  const uint32_t moved =
      Moved(PoolOf({{"a", kUp}, {"b", kUp}}), Wanted({{"a", 1}, {"b", 1}, {"c", 1}}));
  EXPECT_GE(moved, kSize / 3);
  EXPECT_LE(moved, kSize / 2);
}

TEST(MovedSlots, AllWhenTheLastGoesOrTheSizeChanges) {
  EXPECT_EQ(Moved(PoolOf({{"a", kUp}}), Wanted({{"b", 1}})), kSize);
  EXPECT_EQ(Moved(PoolOf({{"a", kUp}}), Wanted({})), kSize);
  EXPECT_EQ(Moved(PoolOf({{"a", kUp}}), Wanted({{"a", 1}}, 509)), 509U);
}

TEST(MovedSlots, WhatIsDrainedOrFailedStaysOut) {
  const Pool pool =
      PoolOf({{"a", kUp}, {"b", BackendState::kDraining}, {"c", BackendState::kFailed}});
  EXPECT_EQ(PlacementOf(pool), (Placement{{"a", 1}}));
  EXPECT_EQ(Moved(pool, Wanted({{"a", 1}, {"b", 1}, {"c", 1}})), 0U);
}

TEST(MovedSlots, RefusesWhatIsNoPrime) {
  Pool pool = PoolOf({{"a", kUp}});
  pool.service.table_size = 250;
  EXPECT_FALSE(CountMovedSlots(pool, Wanted({{"b", 1}}, 250)));
}

}  // namespace
}  // namespace joinery::control
