#include "settings/name.h"

#include <string>

#include <gtest/gtest.h>

namespace joinery::settings {
namespace {

TEST(Name, LettersDigitsAndThreeMarks) {
  for (const std::string& good : {std::string("a"), std::string("9"), std::string("web-1.a_B"),
                                  std::string(kMaxNameBytes, 'a')}) {
    EXPECT_TRUE(IsName(good)) << good;
  }
  for (const std::string& bad :
       {std::string(), std::string("-a"), std::string(".a"), std::string("a b"), std::string("a/b"),
        std::string("\xc3\xa9"), std::string("a\0", 2), std::string(kMaxNameBytes + 1, 'a')}) {
    EXPECT_FALSE(IsName(bad)) << bad;
  }
}

}  // namespace
}  // namespace joinery::settings
