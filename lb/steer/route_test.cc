#include "lb/steer/route.h"

#include <vector>

#include <gtest/gtest.h>

namespace joinery::steer {
namespace {

settings::PortConfig PortWith(std::vector<const char*> prefixes,
                              std::vector<const char*> gateways) {
  settings::PortConfig port;
  for (const char* text : prefixes) port.addresses.push_back(*IpPrefix::Parse(text));
  for (const char* text : gateways) port.gateways.push_back(*IpAddress::Parse(text));
  return port;
}

struct Row {
  const char* name;
  const char* address;
  const char* neighbour;
  const char* source;
  uint16_t port = 0;
  bool on_link = false;
};

TEST(FindRoute, PrefersTheSubnetThenTheGateway) {
  const std::vector<settings::PortConfig> ports = {
      PortWith({"198.18.0.1/16"}, {"198.18.0.254"}),
      PortWith({"198.18.7.1/24", "2001:db8:7::1/64"}, {}),
      PortWith({"2001:db8:8::1/64"}, {"2001:db8:8::fe"}),
  };
  for (const Row& row : {
           Row{.name = "on the wide subnet",
          .address = "198.18.1.9",
          .neighbour = "198.18.1.9",
          .source = "198.18.0.1",
          .on_link = true},
           Row{.name = "the longer prefix wins",
           .address = "198.18.7.9",
           .neighbour = "198.18.7.9",
           .source = "198.18.7.1",
           .port = 1,
           .on_link = true},
           Row{.name = "IPv6 on the second port",
           .address = "2001:db8:7::9",
           .neighbour = "2001:db8:7::9",
           .source = "2001:db8:7::1",
           .port = 1,
           .on_link = true},
           Row{.name = "by the IPv4 gateway",
           .address = "192.0.2.1",
           .neighbour = "198.18.0.254",
           .source = "198.18.0.1"},
           Row{.name = "by the IPv6 gateway",
           .address = "2001:db8:9::1",
           .neighbour = "2001:db8:8::fe",
           .source = "2001:db8:8::1",
           .port = 2},
       }) {
    const auto route = FindRoute(ports, *IpAddress::Parse(row.address));
    ASSERT_TRUE(route) << row.name;
    EXPECT_EQ(ToString(route->neighbour), row.neighbour) << row.name;
    EXPECT_EQ(ToString(route->source), row.source) << row.name;
    EXPECT_EQ(route->port, row.port) << row.name;
    EXPECT_EQ(route->on_link, row.on_link) << row.name;
  }
}

TEST(FindRoute, NoneWithoutSubnetAndGateway) {
  const std::vector<settings::PortConfig> ports = {PortWith({"198.18.0.1/24"}, {})};
  EXPECT_FALSE(FindRoute(ports, *IpAddress::Parse("198.18.1.1")));
  EXPECT_FALSE(FindRoute(ports, *IpAddress::Parse("2001:db8::1")));
  EXPECT_FALSE(FindRoute({}, *IpAddress::Parse("198.18.0.2")));
}

// An IPv4 gateway is of no use to an IPv6 backend.
TEST(FindRoute, GatewayOfTheSameFamily) {
  const std::vector<settings::PortConfig> ports = {PortWith({"198.18.0.1/24"}, {"198.18.0.254"})};
  EXPECT_FALSE(FindRoute(ports, *IpAddress::Parse("2001:db8::1")));
}

}  // namespace
}  // namespace joinery::steer
