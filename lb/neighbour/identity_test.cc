#include "lb/neighbour/identity.h"

#include <string>

#include <gtest/gtest.h>

namespace joinery::neighbour {
namespace {

IpAddress Ip(std::string_view text) { return IpAddress::Parse(text).value(); }

struct Case {
  const char* name;
  const char* address;
  bool own = false;
  bool resolves = false;
  bool echoes = false;
  const char* source = nullptr;  // from which to ask for it; none when it is null
};

class IdentityTest : public testing::TestWithParam<Case> {};

TEST_P(IdentityTest, KnowsItsAddresses) {
  Identity identity(MacAddress{{2, 0, 0, 0, 0, 1}},
                    {*IpPrefix::Parse("198.18.0.1/24"), *IpPrefix::Parse("198.18.1.1/24")});
  const std::vector<IpAddress> vips = {Ip("198.18.0.100"), Ip("198.18.9.9"), Ip("2001:db8::100")};
  identity.SetVirtual(vips);
  const Case& row = GetParam();
  EXPECT_EQ(identity.IsOwn(Ip(row.address)), row.own);
  EXPECT_EQ(identity.Resolves(Ip(row.address)), row.resolves);
  EXPECT_EQ(identity.Echoes(Ip(row.address)), row.echoes);
  const std::optional<IpAddress> source = identity.SourceFor(Ip(row.address));
  EXPECT_EQ(source.has_value(), row.source != nullptr);
  if (source) {
    EXPECT_EQ(ToString(*source), row.source);
  }
}

INSTANTIATE_TEST_SUITE_P(Addresses, IdentityTest,
                         testing::Values(Case{.name = "Own",
                                              .address = "198.18.1.1",
                                              .own = true,
                                              .resolves = true,
                                              .echoes = true,
                                              .source = "198.18.1.1"},
                                         Case{.name = "VipOnTheLink",
                                              .address = "198.18.0.100",
                                              .resolves = true,
                                              .echoes = true,
                                              .source = "198.18.0.1"},
                                         Case{.name = "VipElsewhere",
                                              .address = "198.18.9.9",
                                              .echoes = true,
                                              .source = "198.18.0.1"},
                                         Case{.name = "NeighbourOnTheSecondSubnet",
                                              .address = "198.18.1.7",
                                              .source = "198.18.1.1"},
                                         Case{.name = "NoAddressOfItsFamily",
                                              .address = "2001:db8::7"}),
                         [](const auto& row) { return row.param.name; });

TEST(IdentityReloadTest, AVipThatIsGoneIsNoLongerAnswered) {
  Identity identity(MacAddress{{2, 0, 0, 0, 0, 1}}, {*IpPrefix::Parse("198.18.0.1/24")});
  const std::vector<IpAddress> vips = {Ip("198.18.0.100")};
  identity.SetVirtual(vips);
  identity.SetVirtual({});
  EXPECT_FALSE(identity.Resolves(Ip("198.18.0.100")));
  EXPECT_FALSE(identity.Echoes(Ip("198.18.0.100")));
  EXPECT_TRUE(identity.Resolves(Ip("198.18.0.1")));
}

}  // namespace
}  // namespace joinery::neighbour
