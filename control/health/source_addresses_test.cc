#include "control/health/source_addresses.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace joinery::health {
namespace {

IpPrefix Prefix(const char* text) { return IpPrefix::Parse(text).value(); }
IpAddress Address(const char* text) { return IpAddress::Parse(text).value(); }

TEST(SourceAddresses, NumberBackendsFromTheSecondAddress) {
  const std::vector<IpPrefix> prefixes = {Prefix("198.18.7.0/24"), Prefix("2001:db8:7::/64")};
  const auto sources = SourceAddresses::Create(prefixes, 254);
  ASSERT_TRUE(sources);
  EXPECT_EQ(sources->Of(0, IpFamily::kIpv4), Address("198.18.7.1"));
  EXPECT_EQ(sources->Of(253, IpFamily::kIpv4), Address("198.18.7.254"));
  EXPECT_EQ(sources->Of(9, IpFamily::kIpv6), Address("2001:db8:7::a"));
}

TEST(SourceAddresses, FindTheBackendAgain) {
  const std::vector<IpPrefix> prefixes = {Prefix("198.18.7.128/25"), Prefix("2001:db8:7::/64")};
  const auto sources = SourceAddresses::Create(prefixes, 100);
  ASSERT_TRUE(sources);
  for (Slot slot = 0; slot < 100; ++slot) {
    for (const IpFamily family : {IpFamily::kIpv4, IpFamily::kIpv6}) {
      EXPECT_EQ(sources->SlotOf(sources->Of(slot, family).value()), slot);
    }
  }
  for (const char* foreign : {"198.18.7.128", "198.18.7.229", "198.18.8.129", "198.18.7.1",
                              "2001:db8:7::", "2001:db8:7::65", "2001:db8:8::1"}) {
    EXPECT_EQ(sources->SlotOf(Address(foreign)), std::nullopt) << foreign;
  }
}

TEST(SourceAddresses, NoPrefixNoAddress) {
  const std::vector<IpPrefix> prefixes = {Prefix("198.18.7.0/24")};
  const auto sources = SourceAddresses::Create(prefixes, 3);
  ASSERT_TRUE(sources);
  EXPECT_EQ(sources->Of(0, IpFamily::kIpv6), std::nullopt);
  EXPECT_EQ(sources->SlotOf(Address("2001:db8::1")), std::nullopt);
}

TEST(SourceAddresses, SayWhyNot) {
  struct Row {
    const char* name;
    std::vector<IpPrefix> prefixes;
    size_t slots;
    const char* error;
  };
  const Row rows[] = {
      {"too many backends", {Prefix("198.18.7.0/30")}, 3, "has room for 2 backends, 3 are checked"},
      {"no host bits", {Prefix("198.18.7.1/32")}, 1, "has room for 0 backends"},
      {"two of a family",
       {Prefix("198.18.7.0/24"), Prefix("198.18.8.0/24")},
       1,
       "198.18.8.0/24: a second prefix of this family"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const auto sources = SourceAddresses::Create(row.prefixes, row.slots);
    ASSERT_FALSE(sources);
    EXPECT_NE(sources.error().message.find(row.error), std::string::npos)
        << sources.error().message;
  }
}

}  // namespace
}  // namespace joinery::health
