#include "tools/bench/gaps.h"

#include <gtest/gtest.h>

namespace joinery::bench {
namespace {

TEST(Gaps, QuantilesAreOfWhatWasAdded) {
  Gaps gaps(10'000);
  for (uint64_t i = 10'000; i > 0; --i) gaps.Add(i);
  EXPECT_EQ(gaps.Quantile(0.5), 5'000U);
  EXPECT_EQ(gaps.Quantile(0.9999), 9'999U);
  EXPECT_EQ(gaps.Quantile(1), 10'000U);
  EXPECT_EQ(gaps.Quantile(0.00001), 1U);
}

TEST(Gaps, OfNoneIsNothing) { EXPECT_EQ(Gaps(10).Quantile(0.5), 0U); }

TEST(Gaps, CountsWhatItHasNoRoomFor) {
  Gaps gaps(2);
  for (int i = 0; i < 5; ++i) gaps.Add(7);
  EXPECT_EQ(gaps.size(), 2U);
  EXPECT_EQ(gaps.left_out(), 3U);
}

TEST(Gaps, AVeryLongOneIsTheLongest) {
  Gaps gaps(2);
  gaps.Add(uint64_t{1} << 40);
  gaps.Add(1);
  EXPECT_EQ(gaps.Quantile(1), UINT32_MAX);
}

}  // namespace
}  // namespace joinery::bench
