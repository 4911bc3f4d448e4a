#include "base/ip_address.h"

#include <gtest/gtest.h>

namespace joinery {
namespace {

TEST(IpAddress, ReadsAndPrintsBothFamilies) {
  for (const char* text : {"0.0.0.0", "198.18.255.1", "::", "2001:db8::1", "fe80::1:2:3:4"}) {
    const auto address = IpAddress::Parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(ToString(*address), text);
  }
}

TEST(IpAddress, RefusesEverythingElse) {
  for (std::string_view text :
       {"", "1.2.3", "1.2.3.256", "01.2.3.4 ", "1.2.3.4/24", "2001:db8::1%eth0", "[::1]", "g::"}) {
    EXPECT_EQ(IpAddress::Parse(text), std::nullopt) << text;
  }
  EXPECT_EQ(IpAddress::Parse(std::string_view("1.2.3.4\0x", 9)), std::nullopt);
}

TEST(IpAddress, FamiliesNeverCompareEqual) {
  EXPECT_NE(*IpAddress::Parse("0.0.0.0"), *IpAddress::Parse("::"));
}

TEST(IpAddress, KnowsMulticast) {
  EXPECT_TRUE(IpAddress::Parse("224.0.0.1")->IsMulticast());
  EXPECT_TRUE(IpAddress::Parse("ff02::1")->IsMulticast());
  EXPECT_FALSE(IpAddress::Parse("223.0.0.1")->IsMulticast());
  EXPECT_FALSE(IpAddress::Parse("fe80::1")->IsMulticast());
}

TEST(IpPrefix, ContainsItsNetwork) {
  struct Row {
    const char* prefix;
    const char* address;
    bool inside;
  };
  for (const Row& row : {
           Row{"198.18.0.1/24", "198.18.0.255", true},
           Row{"198.18.0.1/24", "198.18.1.0", false},
           Row{"198.18.0.0/15", "198.19.255.255", true},
           Row{"198.18.0.0/15", "198.20.0.0", false},
           Row{"0.0.0.0/0", "1.2.3.4", true},
           Row{"0.0.0.0/0", "::1", false},
           Row{"198.18.0.7/32", "198.18.0.7", true},
           Row{"198.18.0.7/32", "198.18.0.6", false},
           Row{"2001:db8::/33", "2001:db8:7fff::1", true},
           Row{"2001:db8::/33", "2001:db8:8000::1", false},
           Row{"2001:db8::1/128", "2001:db8::1", true},
       }) {
    const auto prefix = IpPrefix::Parse(row.prefix);
    ASSERT_TRUE(prefix) << row.prefix;
    EXPECT_EQ(ToString(*prefix), row.prefix);
    EXPECT_EQ(prefix->Contains(*IpAddress::Parse(row.address)), row.inside)
        << row.prefix << " " << row.address;
  }
}

TEST(IpPrefix, RefusesBadLengths) {
  for (const char* text : {"1.2.3.4", "1.2.3.4/", "1.2.3.4/33", "1.2.3.4/-1", "1.2.3.4/8x",
                           "::/129", "/8", "1.2.3.4/256"}) {
    EXPECT_EQ(IpPrefix::Parse(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace joinery
