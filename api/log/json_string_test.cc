#include "api/log/json_string.h"

#include <gtest/gtest.h>

namespace joinery::api {
namespace {

TEST(JsonString, EscapesWhatMustBe) {
  EXPECT_EQ(JsonString("plain"), R"("plain")");
  EXPECT_EQ(JsonString("a\"b\\c\td\n\x7f"), R"("a\"b\\c\u0009d\u000a\u007f")");
  EXPECT_EQ(JsonString("\xff"), R"("\u00ff")");
}

}  // namespace
}  // namespace joinery::api
