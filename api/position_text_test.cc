#include "api/position_text.h"

#include <gtest/gtest.h>

namespace joinery::api {
namespace {

TEST(PositionText, ComesBackAsItWas) {
  for (const Position& at : {Position{}, Position{.epoch = 3, .version = 41},
                             Position{.epoch = UINT64_MAX, .version = UINT64_MAX}}) {
    EXPECT_EQ(ParsePosition(ToString(at)), at);
  }
  EXPECT_EQ(ToString(Position{.epoch = 3, .version = 41}), "3.41");
}

TEST(PositionText, NothingElseIsOne) {
  for (const std::string_view bad : {"", ".", "3", "3.", ".4", "3.4.5", "3.-4", "+3.4", " 3.4",
                                     "3.4 ", "03.4", "3.04", "3,4", "18446744073709551616.0"}) {
    EXPECT_EQ(ParsePosition(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace joinery::api
