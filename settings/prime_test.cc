#include "settings/prime.h"

#include <vector>

#include <gtest/gtest.h>

namespace joinery::settings {
namespace {

TEST(IsPrime, AgreesWithTheSieve) {
  constexpr uint32_t kEnd = 70'000;
  std::vector<bool> composite(kEnd);
  for (uint32_t n = 0; n < kEnd; ++n) {
    const bool prime = n >= 2 && !composite[n];
    ASSERT_EQ(IsPrime(n), prime) << n;
    for (uint64_t multiple = uint64_t{n} * n; prime && multiple < kEnd; multiple += n) {
      composite[multiple] = true;
    }
  }
}

TEST(NextPrime, GoesUpToThePrime) {
  EXPECT_EQ(NextPrime(0), 2U);
  EXPECT_EQ(NextPrime(251), 251U);
  EXPECT_EQ(NextPrime(65'536), 65'537U);
  EXPECT_EQ(NextPrime(16'777'212), 16'777'213U);
}

}  // namespace
}  // namespace joinery::settings
