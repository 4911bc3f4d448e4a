#include "base/hex.h"

#include <gtest/gtest.h>

namespace joinery {
namespace {

TEST(Hex, RoundTripsEveryByte) {
  std::vector<uint8_t> all(256);
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<uint8_t>(i);
  EXPECT_EQ(FromHex(ToHex(all)), all);
}

TEST(Hex, TakesEitherCase) { EXPECT_EQ(FromHex("aAfF"), (std::vector<uint8_t>{0xaa, 0xff})); }

TEST(Hex, RefusesWhatIsNotHex) {
  for (const char* text : {"a", "0g", "0x11", " 11", "11 ", "1 1"}) {
    EXPECT_EQ(FromHex(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace joinery
