#include "settings/host_address.h"

#include <gtest/gtest.h>

namespace joinery::settings {
namespace {

struct Row {
  std::string_view address;
  std::string_view why;  // empty: a host can have it
};

constexpr Row kRows[] = {
    {.address = "198.18.0.1", .why = ""},
    {.address = "10.0.0.1", .why = ""},
    {.address = "223.255.255.254", .why = ""},
    {.address = "2001:db8::1", .why = ""},
    {.address = "fd00::1", .why = ""},
    {.address = "0.0.0.0", .why = "an address of \"this network\" (RFC 1122 section 3.2.1.3)"},
    {.address = "0.255.255.255",
     .why = "an address of \"this network\" (RFC 1122 section 3.2.1.3)"},
    {.address = "127.0.0.1", .why = "a loopback address"},
    {.address = "169.254.1.1", .why = "a link-local address (RFC 3927)"},
    {.address = "224.0.0.1", .why = "a multicast address"},
    {.address = "239.255.255.255", .why = "a multicast address"},
    {.address = "240.0.0.1", .why = "a reserved or broadcast address (RFC 1112 section 4)"},
    {.address = "255.255.255.255", .why = "a reserved or broadcast address (RFC 1112 section 4)"},
    {.address = "::", .why = "the unspecified address"},
    {.address = "::1", .why = "a loopback address"},
    {.address = "::ffff:198.18.0.1", .why = "an IPv4-mapped address; write it as IPv4"},
    {.address = "fe80::1", .why = "a link-local address (RFC 4291 section 2.5.6)"},
    {.address = "febf::1", .why = "a link-local address (RFC 4291 section 2.5.6)"},
    {.address = "ff02::1", .why = "a multicast address"},
};

TEST(WhyNoHost, KnowsTheSpecialAddresses) {
  for (const Row& row : kRows) {
    EXPECT_EQ(WhyNoHost(*IpAddress::Parse(row.address)).value_or(""), row.why) << row.address;
  }
}

struct SubnetRow {
  const char* name;
  std::string_view subnet;
  std::string_view address;
  std::string_view why;
};

constexpr SubnetRow kSubnetRows[] = {
    {.name = "first", .subnet = "198.18.0.9/24", .address = "198.18.0.1", .why = ""},
    {.name = "last", .subnet = "198.18.0.9/24", .address = "198.18.0.254", .why = ""},
    {.name = "network",
     .subnet = "198.18.0.9/24",
     .address = "198.18.0.0",
     .why = "the subnet's network address"},
    {.name = "broadcast",
     .subnet = "198.18.0.9/24",
     .address = "198.18.0.255",
     .why = "the subnet's broadcast address"},
    {.name = "broadcast of a /30",
     .subnet = "198.18.0.9/30",
     .address = "198.18.0.11",
     .why = "the subnet's broadcast address"},
    {.name = "both ends of a /31", .subnet = "198.18.0.8/31", .address = "198.18.0.8", .why = ""},
    {.name = "the one of a /32", .subnet = "198.18.0.8/32", .address = "198.18.0.8", .why = ""},
    {.name = "of another subnet", .subnet = "198.18.0.9/24", .address = "198.18.1.0", .why = ""},
    {.name = "IPv6 has neither", .subnet = "2001:db8::/64", .address = "2001:db8::", .why = ""},
};

TEST(WhyNotOn, KnowsTheEndsOfASubnet) {
  for (const SubnetRow& row : kSubnetRows) {
    const auto why = WhyNotOn(*IpPrefix::Parse(row.subnet), *IpAddress::Parse(row.address));
    EXPECT_EQ(why.value_or(""), row.why) << row.name;
  }
}

}  // namespace
}  // namespace joinery::settings
