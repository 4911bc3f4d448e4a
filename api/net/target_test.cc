#include "api/net/target.h"

#include <gtest/gtest.h>

namespace joinery::api {
namespace {

TEST(Target, PathAndQueryAreDecoded) {
  const auto target = ParseTarget("/v1/pools/a%2Fb?after=3.41&wait_s=5&x&=y&z=1=2");
  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->segments, (std::vector<std::string>{"v1", "pools", "a/b"}));
  EXPECT_EQ(target->query,
            (std::vector<std::pair<std::string, std::string>>{
                {"after", "3.41"}, {"wait_s", "5"}, {"x", ""}, {"", "y"}, {"z", "1=2"}}));
  EXPECT_TRUE(ParseTarget("/")->segments.empty());
  EXPECT_EQ(ParseTarget("/a/")->segments.size(), 1U);
}

TEST(Target, WhatIsNoPathIsRefused) {
  for (const std::string_view bad :
       {"", "*", "http://x/", "a", "//", "/a//b", "/..", "/a/./b", "/%2e%2e/x", "/%", "/%4", "/%zz",
        "/a%00", "/a%0d%0aX", "/?a=%", "/\x7f"}) {
    EXPECT_FALSE(ParseTarget(bad).has_value()) << bad;
  }
}

TEST(Target, EveryByteCanBeEncoded) {
  for (int byte = 0x20; byte < 0x100; ++byte) {
    if (byte == 0x7f) continue;
    const std::string text(1, static_cast<char>(byte));
    EXPECT_EQ(PercentDecode(PercentEncode(text)), text) << byte;
  }
  EXPECT_EQ(PercentEncode("a-Z_0.~ /é"), "a-Z_0.~%20%2F%C3%A9");
}

}  // namespace
}  // namespace joinery::api
