#include "lb/steer/flow_cache.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace joinery::steer {
namespace {

using Admission = FlowCache::Admission;
using Kind = FlowCache::Kind;
using std::chrono::hours;
using std::chrono::seconds;

constexpr Instant kStart = Instant{} + hours(1);

FlowCache::Flow FlowOf(uint64_t n) {
  SeededRandom random(n);
  return {.pool = PoolId(1), .hash = random.Uint64()};
}

// The smallest cache: one set on probation, fifteen kept. All its flows meet on probation.
FlowCache SmallCache() { return FlowCache(FlowCache::kMinFlows); }

TEST(FlowCache, FindsWhatItAdmitted) {
  FlowCache cache(1024);
  EXPECT_FALSE(cache.Find(FlowOf(1), kStart));
  EXPECT_EQ(cache.Admit(FlowOf(1), BackendId(7), Kind::kPlaced, kStart), Admission::kStored);
  for (int i = 0; i < 3; ++i) {
    const auto hit = cache.Find(FlowOf(1), kStart);
    ASSERT_TRUE(hit);
    EXPECT_EQ(hit->backend, BackendId(7));
  }
  EXPECT_FALSE(cache.Find(FlowOf(2), kStart));
}

TEST(FlowCache, PoolsAreApart) {
  FlowCache cache(1024);
  const FlowCache::Flow flow = FlowOf(1);
  (void)cache.Admit(flow, BackendId(7), Kind::kPlaced, kStart);
  EXPECT_FALSE(cache.Find({.pool = PoolId(2), .hash = flow.hash}, kStart));
}

// A client that uses a port again: its new SYN may have gone elsewhere.
TEST(FlowCache, TheNewestSynIsBelieved) {
  FlowCache cache(1024);
  (void)cache.Admit(FlowOf(1), BackendId(7), Kind::kPlaced, kStart);
  ASSERT_TRUE(cache.Find(FlowOf(1), kStart));  // kept
  (void)cache.Admit(FlowOf(1), BackendId(8), Kind::kPlaced, kStart);
  EXPECT_EQ(cache.Find(FlowOf(1), kStart)->backend, BackendId(8));
  EXPECT_EQ(cache.Find(FlowOf(1), kStart)->backend, BackendId(8));
}

TEST(FlowCache, AFloodOfSynsTurnsOverProbationOnly) {
  FlowCache cache(1024);
  for (uint64_t n = 0; n < 100; ++n) {
    (void)cache.Admit(FlowOf(n), BackendId(7), Kind::kPlaced, kStart);
    ASSERT_TRUE(cache.Find(FlowOf(n), kStart));  // kept
  }
  for (uint64_t n = 1000; n < 101'000; ++n) {
    (void)cache.Admit(FlowOf(n), BackendId(8), Kind::kPlaced, kStart + seconds(1));
  }
  for (uint64_t n = 0; n < 100; ++n) EXPECT_TRUE(cache.Find(FlowOf(n), kStart)) << n;
}

TEST(FlowCache, PlacedFlowsLeaveProbationBeforeJoinedOnes) {
  FlowCache cache = SmallCache();
  (void)cache.Admit(FlowOf(1), BackendId(1), Kind::kJoined, kStart);
  for (uint64_t n = 100; n < 200; ++n) {
    (void)cache.Admit(FlowOf(n), BackendId(2), Kind::kPlaced, kStart + seconds(2));
  }
  EXPECT_TRUE(cache.Find(FlowOf(1), kStart + seconds(2)));
}

TEST(FlowCache, RefusesWhatWouldLeaveFirst) {
  FlowCache cache = SmallCache();
  for (uint64_t n = 0; n < FlowCache::kWays; ++n) {
    EXPECT_EQ(cache.Admit(FlowOf(n), BackendId(1), Kind::kJoined, kStart), Admission::kStored);
  }
  EXPECT_EQ(cache.Admit(FlowOf(10), BackendId(1), Kind::kPlaced, kStart), Admission::kRefused);
  EXPECT_EQ(cache.Admit(FlowOf(11), BackendId(1), Kind::kJoined, kStart),
            Admission::kStoredEvicting);
  // SYNs that nothing followed do not hold the room for long.
  const Instant later = kStart + seconds(FlowCache::kProbationHandicap);
  EXPECT_EQ(cache.Admit(FlowOf(12), BackendId(1), Kind::kPlaced, later),
            Admission::kStoredEvicting);
}

TEST(FlowCache, TheFlowIdleTheLongestLeaves) {
  FlowCache cache = SmallCache();
  for (uint64_t n = 0; n < FlowCache::kWays; ++n) {
    (void)cache.Admit(FlowOf(n), BackendId(1), Kind::kPlaced, kStart + seconds(n));
  }
  EXPECT_EQ(cache.Admit(FlowOf(9), BackendId(1), Kind::kPlaced, kStart + seconds(9)),
            Admission::kStoredEvicting);
  EXPECT_FALSE(cache.Find(FlowOf(0), kStart + seconds(9)));
  EXPECT_TRUE(cache.Find(FlowOf(1), kStart + seconds(9)));
}

TEST(FlowCache, KeptJoinedFlowsOutliveKeptPlacedOnes) {
  FlowCache cache = SmallCache();
  constexpr uint64_t kJoined = 20;
  for (uint64_t n = 0; n < kJoined; ++n) {
    (void)cache.Admit(FlowOf(n), BackendId(1), Kind::kJoined, kStart);
    ASSERT_TRUE(cache.Find(FlowOf(n), kStart));
  }
  const Instant later = kStart + hours(2);
  bool evicted = false;
  for (uint64_t n = 1000; n < 5000; ++n) {
    (void)cache.Admit(FlowOf(n), BackendId(2), Kind::kPlaced, later);
    const auto hit = cache.Find(FlowOf(n), later);
    evicted = evicted || (hit && hit->evicted);
  }
  EXPECT_TRUE(evicted);
  for (uint64_t n = 0; n < kJoined; ++n) EXPECT_TRUE(cache.Find(FlowOf(n), later)) << n;
}

// 10 % of the room admits, the rest keeps.
TEST(FlowCache, HoldsAsManyFlowsAsItHasRoomFor) {
  constexpr uint32_t kFlows = 4096;
  FlowCache cache(kFlows);
  const auto found = [&](uint64_t from, uint64_t to) {
    int hits = 0;
    for (uint64_t n = from; n < to; ++n) hits += cache.Find(FlowOf(n), kStart) ? 1 : 0;
    return hits;
  };
  // SYNs only: what is found afterwards is what probation held.
  for (uint64_t n = 0; n < 10 * kFlows; ++n) {
    (void)cache.Admit(FlowOf(n), BackendId(1), Kind::kPlaced, kStart);
  }
  const int on_probation = found(0, 10 * kFlows);
  EXPECT_LE(on_probation, kFlows / FlowCache::kProbationShare);
  EXPECT_GE(on_probation, kFlows / FlowCache::kProbationShare * 98 / 100);
  for (uint64_t n = 0; n < 10 * kFlows; ++n) {
    (void)cache.Admit(FlowOf(n), BackendId(1), Kind::kPlaced, kStart);
    (void)cache.Find(FlowOf(n), kStart);
  }
  const int kept = found(0, 10 * kFlows);
  EXPECT_LE(kept, kFlows);
  EXPECT_GE(kept, kFlows * 88 / 100);
}

}  // namespace
}  // namespace joinery::steer
