#include "tokenmap/token_allocator.h"

#include <set>

#include <gtest/gtest.h>

namespace joinery::tokenmap {
namespace {

// 2^18 nonces, the smallest space there is.
Scheme SmallScheme() { return Scheme::Create(Algorithm::kFf1, PoolId(1), 2, 12).value(); }
constexpr uint64_t kSpace = 1 << 18;

struct World {
  ManualClock clock;
  SeededRandom random{5};
  TokenAllocator allocator = TokenAllocator::Create(SmallScheme(), clock, random).value();
};

TEST(TokenAllocator, StartsAtRandom) {
  ManualClock clock;
  std::set<uint32_t> starts;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    SeededRandom random(seed);
    starts.insert(TokenAllocator::Create(SmallScheme(), clock, random)->Allocate().nonce);
  }
  EXPECT_EQ(starts.size(), 20U);
}

TEST(TokenAllocator, NeverGivesATakenNonce) {
  World w;
  std::set<uint32_t> taken;
  SeededRandom random(6);
  for (int i = 0; i < 20'000; ++i) {
    const Allocation a = w.allocator.Allocate();
    ASSERT_EQ(a.status, AllocateStatus::kOk);
    ASSERT_TRUE(taken.insert(a.nonce).second) << a.nonce << " is taken";
    if (random.Below(2) == 0) {
      ASSERT_TRUE(w.allocator.Release(a.nonce));  // it stays taken: the clock stands
    }
  }
  EXPECT_EQ(w.allocator.live() + w.allocator.cooling(), taken.size());
  EXPECT_EQ(w.allocator.TakenNonces(), std::vector<uint32_t>(taken.begin(), taken.end()));
}

TEST(TokenAllocator, WrapsAroundAndWarnsAndRefuses) {
  World w;
  uint64_t ok = 0;
  uint64_t crowded = 0;
  std::set<uint32_t> nonces;
  for (;;) {
    const Allocation a = w.allocator.Allocate();
    if (a.status == AllocateStatus::kRefused) break;
    ++(a.status == AllocateStatus::kOk ? ok : crowded);
    nonces.insert(a.nonce);
  }
  EXPECT_EQ(ok, kSpace / 2);
  // The last one given is the one that reaches 80 %.
  EXPECT_EQ(ok + crowded, (80 * kSpace + 99) / 100);
  EXPECT_EQ(nonces.size(), ok + crowded);
  EXPECT_LT(*nonces.begin(), kSpace / 5);  // it wrapped: the start was not 0
  EXPECT_EQ(w.allocator.counters().allocated, ok + crowded);
  EXPECT_EQ(w.allocator.counters().crowded, crowded);
  EXPECT_EQ(w.allocator.counters().refused, 1U);
}

TEST(TokenAllocator, GivesAReleasedNonceAgainOnlyAfterCooling) {
  World w;
  std::set<uint32_t> nonces;
  for (Allocation a = w.allocator.Allocate(); a.status != AllocateStatus::kRefused;
       a = w.allocator.Allocate()) {
    nonces.insert(a.nonce);
  }
  const uint32_t released = *nonces.begin();
  ASSERT_TRUE(w.allocator.Release(released));
  EXPECT_EQ(w.allocator.cooling(), 1U);
  w.clock.Advance(TokenAllocator::kCoolingTime - Nanoseconds(1));
  EXPECT_EQ(w.allocator.Allocate().status, AllocateStatus::kRefused);
  w.clock.Advance(Nanoseconds(1));
  EXPECT_EQ(w.allocator.Allocate().status, AllocateStatus::kCrowded);
  EXPECT_EQ(w.allocator.cooling(), 0U);
  EXPECT_EQ(w.allocator.Allocate().status, AllocateStatus::kRefused);
}

TEST(TokenAllocator, RefusesToReleaseWhatIsNotLive) {
  World w;
  const uint32_t nonce = w.allocator.Allocate().nonce;
  EXPECT_FALSE(w.allocator.Release(nonce ^ 1));
  EXPECT_FALSE(w.allocator.Release(kSpace));
  EXPECT_TRUE(w.allocator.Release(nonce));
  EXPECT_FALSE(w.allocator.Release(nonce)) << "cooling is not live";
  EXPECT_EQ(w.allocator.counters().released, 1U);
}

TEST(TokenAllocator, SurvivesARestart) {
  World before;
  for (int i = 0; i < 100; ++i) ASSERT_EQ(before.allocator.Allocate().status, AllocateStatus::kOk);
  const auto taken = before.allocator.TakenNonces();
  ASSERT_TRUE(before.allocator.Release(taken[3]));  // cooling: kept too

  ManualClock clock;
  SeededRandom random(5);  // the same start, so the walk meets the old nonces
  auto after =
      TokenAllocator::Create(SmallScheme(), clock, random, before.allocator.TakenNonces()).value();
  EXPECT_EQ(after.TakenNonces(), taken);
  EXPECT_EQ(after.live(), 100U);
  const std::set<uint32_t> old(taken.begin(), taken.end());
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(old.contains(after.Allocate().nonce));
}

struct RefusalRow {
  std::string_view name;
  std::vector<uint32_t> taken;
  std::string_view error;
};

TEST(TokenAllocator, RefusesABadRestore) {
  const RefusalRow rows[] = {
      {.name = "twice", .taken = {7, 8, 7}, .error = "nonce 7 is given twice"},
      {.name = "too large",
       .taken = {262144},
       .error = "nonce 262144 is too large; allowed 0..262143"},
  };
  ManualClock clock;
  SeededRandom random(1);
  for (const RefusalRow& row : rows) {
    const auto allocator = TokenAllocator::Create(SmallScheme(), clock, random, row.taken);
    ASSERT_FALSE(allocator) << row.name;
    EXPECT_EQ(allocator.error().message, row.error) << row.name;
  }
}

}  // namespace
}  // namespace joinery::tokenmap
