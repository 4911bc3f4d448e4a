#include "base/endpoint.h"

#include <gtest/gtest.h>

namespace joinery {
namespace {

TEST(Endpoint, PrintsAsItIsWritten) {
  for (const char* text :
       {"198.18.0.1:7443", "127.0.0.1:1", "[2001:db8::1]:65535", "[::1]:80", "0.0.0.0:9470"}) {
    const auto endpoint = Endpoint::Parse(text);
    ASSERT_TRUE(endpoint) << text;
    EXPECT_EQ(ToString(*endpoint), text);
  }
  EXPECT_EQ(Endpoint::Parse("198.18.0.1:7443"),
            (Endpoint{*IpAddress::Parse("198.18.0.1"), Port(7443)}));
}

TEST(Endpoint, TakesNothingElse) {
  for (const char* text :
       {"", ":", "198.18.0.1", "198.18.0.1:", "198.18.0.1:0", "198.18.0.1:080", "198.18.0.1:65536",
        "198.18.0.1:80x", "198.18.0.1:-1", "198.18.0.1:+1", "2001:db8::1:80", "[198.18.0.1]:80",
        "[2001:db8::1]", "[]:80", "localhost:80", "[2001:db8::1]80", " 198.18.0.1:80"}) {
    EXPECT_FALSE(Endpoint::Parse(text)) << text;
  }
}

}  // namespace
}  // namespace joinery
