#include "lb/dpdk/idle.h"

#include <gtest/gtest.h>

namespace joinery::dpdk {
namespace {

using Duration = IdlePolicy::Duration;

TEST(IdlePolicyTest, PollingNeverSleeps) {
  IdlePolicy idle(settings::Idle::kPoll);
  for (int round = 0; round < 1000; ++round) EXPECT_EQ(idle.After(0), Duration(0));
}

TEST(IdlePolicyTest, SleepsLongerAndLongerUpToABound) {
  IdlePolicy idle(settings::Idle::kSleep);
  for (uint32_t round = 0; round < IdlePolicy::kEmptyRounds; ++round) {
    EXPECT_EQ(idle.After(0), Duration(0)) << round;
  }
  EXPECT_EQ(idle.After(0), IdlePolicy::kShortest);
  EXPECT_EQ(idle.After(0), 2 * IdlePolicy::kShortest);
  for (int round = 0; round < 100; ++round) EXPECT_LE(idle.After(0), IdlePolicy::kLongest);
  EXPECT_EQ(idle.After(0), IdlePolicy::kLongest);
}

TEST(IdlePolicyTest, APacketWakesItWholly) {
  IdlePolicy idle(settings::Idle::kSleep);
  for (uint32_t round = 0; round < IdlePolicy::kEmptyRounds + 10; ++round) {
    static_cast<void>(idle.After(0));
  }
  EXPECT_EQ(idle.After(1), Duration(0));
  for (uint32_t round = 0; round < IdlePolicy::kEmptyRounds; ++round) {
    EXPECT_EQ(idle.After(0), Duration(0)) << round;
  }
  EXPECT_EQ(idle.After(0), IdlePolicy::kShortest);
}

}  // namespace
}  // namespace joinery::dpdk
