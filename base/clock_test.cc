#include "base/clock.h"

#include <gtest/gtest.h>

namespace joinery {
namespace {

TEST(ManualClock, StandsStillUntilTurned) {
  ManualClock clock;
  const Instant start = clock.Now();
  EXPECT_EQ(clock.Now(), start);
  clock.Advance(std::chrono::seconds(2));
  EXPECT_EQ(clock.Now() - start, std::chrono::seconds(2));
}

TEST(BootClock, NeverGoesBack) {
  const BootClock clock;
  Instant last = clock.Now();
  for (int i = 0; i < 1000; ++i) {
    const Instant now = clock.Now();
    ASSERT_GE(now, last);
    last = now;
  }
}

}  // namespace
}  // namespace joinery
