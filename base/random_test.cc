#include "base/random.h"

#include <array>
#include <vector>

#include <gtest/gtest.h>

namespace joinery {
namespace {

// The first outputs of splitmix64 from seed 1234567 (the reference values of its authors' code).
TEST(SeededRandom, IsSplitmix64) {
  SeededRandom random(1234567);
  EXPECT_EQ(random.Uint64(), 6457827717110365317U);
  EXPECT_EQ(random.Uint64(), 3203168211198807973U);
}

TEST(SeededRandom, BelowIsUniformAndInRange) {
  SeededRandom random(1);
  std::array<int, 3> seen{};
  for (int i = 0; i < 30'000; ++i) ++seen.at(random.Below(3));
  for (const int n : seen) EXPECT_NEAR(n, 10'000, 400);
}

TEST(SystemRandom, FillsAllOfALongBuffer) {
  SystemRandom random;
  std::vector<uint8_t> bytes(4096, 0);
  random.Fill(bytes);
  size_t zeros = 0;
  for (const uint8_t b : bytes) zeros += b == 0 ? 1 : 0;
  EXPECT_LT(zeros, 100U);  // 16 expected
}

}  // namespace
}  // namespace joinery
