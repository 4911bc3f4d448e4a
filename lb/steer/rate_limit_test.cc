#include "lb/steer/rate_limit.h"

#include <gtest/gtest.h>

namespace joinery::steer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

int CountAllowed(RateLimit& limit, uint32_t rate, Instant now, int tries) {
  int allowed = 0;
  for (int i = 0; i < tries; ++i) allowed += limit.Allow(rate, now) ? 1 : 0;
  return allowed;
}

struct BurstRow {
  const char* name;
  uint32_t rate;
  int allowed;  // of 1,000,000 at one instant: 100 ms worth
};

TEST(RateLimit, AllowsABurstThenRefuses) {
  for (const BurstRow& row : {BurstRow{.name = "none", .rate = 0, .allowed = 0},
                              BurstRow{.name = "one", .rate = 1, .allowed = 1},
                              BurstRow{.name = "ten", .rate = 10, .allowed = 1},
                              BurstRow{.name = "eleven", .rate = 11, .allowed = 2},
                              BurstRow{.name = "join_rate", .rate = 50'000, .allowed = 5'000},
                              BurstRow{.name = "hash_rate", .rate = 500'000, .allowed = 50'000}}) {
    RateLimit limit;
    EXPECT_EQ(CountAllowed(limit, row.rate, Instant{} + seconds(5), 1'000'000), row.allowed)
        << row.name;
  }
}

TEST(RateLimit, AllowsTheRateOverTime) {
  RateLimit limit;
  Instant now{};
  int allowed = 0;
  for (int step = 0; step < 10'000; ++step, now += milliseconds(1)) {
    allowed += CountAllowed(limit, 2'000, now, 10);
  }
  // Ten seconds at 2,000, and the burst of 100 ms that was free at the start.
  EXPECT_NEAR(allowed, 20'200, 2);
}

TEST(RateLimit, RecoversWhenIdle) {
  RateLimit limit;
  EXPECT_EQ(CountAllowed(limit, 1'000, Instant{}, 500), 100);
  EXPECT_EQ(CountAllowed(limit, 1'000, Instant{} + milliseconds(10), 500), 10);
  EXPECT_EQ(CountAllowed(limit, 1'000, Instant{} + seconds(9), 500), 100);
}

TEST(RateLimit, TakesANewRateAtOnce) {
  RateLimit limit;
  EXPECT_EQ(CountAllowed(limit, 1'000, Instant{}, 500), 100);
  EXPECT_EQ(CountAllowed(limit, 0, Instant{} + seconds(1), 10), 0);
  EXPECT_EQ(CountAllowed(limit, 50, Instant{} + seconds(1), 500), 5);
}

}  // namespace
}  // namespace joinery::steer
