#include "base/seq_number.h"

#include <gtest/gtest.h>

namespace joinery {
namespace {

TEST(SeqNumber, OrderGoesRoundTheCircle) {
  const SeqNumber last(0xffffffffU);
  const SeqNumber first(0);
  EXPECT_LT(last, first);
  EXPECT_GT(first, last);
  EXPECT_EQ(last + 1, first);
  EXPECT_EQ(first - last, 1);
  EXPECT_EQ(last - first, -1);
  EXPECT_LE(first, first);
  EXPECT_GE(first, first);
}

}  // namespace
}  // namespace joinery
