#include "crypto/wipe.h"

#include <array>
#include <cstdint>

#include <gtest/gtest.h>

namespace joinery::crypto {
namespace {

TEST(Wipe, ZeroesTheWholeObject) {
  std::array<uint32_t, 4> words = {1, 2, 3, 4};
  Wipe(words);
  EXPECT_EQ(words, (std::array<uint32_t, 4>{}));
}

TEST(Wipe, ZeroesTheGivenBytesOnly) {
  std::array<uint8_t, 4> bytes = {1, 2, 3, 4};
  Wipe(bytes.data() + 1, 2);
  EXPECT_EQ(bytes, (std::array<uint8_t, 4>{1, 0, 0, 4}));
}

}  // namespace
}  // namespace joinery::crypto
