#include "lb/steer/vip_table.h"

#include <map>
#include <tuple>

#include <gtest/gtest.h>

#include "base/random.h"

namespace joinery::steer {
namespace {

constexpr uint8_t kTcp = 6;
constexpr uint8_t kUdp = 17;

IpAddress Ip(const char* text) { return *IpAddress::Parse(text); }

TEST(VipTable, TellsPoolServiceAndStranger) {
  VipTable table(4);
  ASSERT_TRUE(table.Add(Ip("198.18.1.1"), kTcp, Port(80), 3));
  ASSERT_TRUE(table.Add(Ip("198.18.1.1"), kUdp, Port(53), 4));
  ASSERT_TRUE(table.Add(Ip("2001:db8::1"), kTcp, Port(80), 5));
  struct Row {
    const char* name;
    const char* address;
    uint8_t protocol;
    uint16_t port;
    VipTable::Match match;
    uint16_t pool = 0;
  };
  using enum VipTable::Match;
  for (const Row& row : {
           Row{.name = "tcp",
          .address = "198.18.1.1",
          .protocol = kTcp,
          .port = 80,
          .match = kPool,
          .pool = 3},
           Row{.name = "udp",
           .address = "198.18.1.1",
           .protocol = kUdp,
           .port = 53,
           .match = kPool,
           .pool = 4},
           Row{.name = "ipv6",
           .address = "2001:db8::1",
           .protocol = kTcp,
           .port = 80,
           .match = kPool,
           .pool = 5},
           Row{.name = "other protocol",
           .address = "198.18.1.1",
           .protocol = kUdp,
           .port = 80,
           .match = kNoService},
           Row{.name = "other port",
           .address = "198.18.1.1",
           .protocol = kTcp,
           .port = 81,
           .match = kNoService},
           Row{.name = "port 0",
           .address = "198.18.1.1",
           .protocol = kTcp,
           .port = 0,
           .match = kNoService},
           Row{.name = "stranger",
           .address = "198.18.1.2",
           .protocol = kTcp,
           .port = 80,
           .match = kNotVip},
           Row{.name = "the IPv4 bytes in an IPv6 address",
           .address = "c612:101::",
           .protocol = kTcp,
           .port = 80,
           .match = kNotVip},
       }) {
    const auto found = table.Find(Ip(row.address), row.protocol, Port(row.port));
    EXPECT_EQ(found.match, row.match) << row.name;
    if (row.match == kPool) {
      EXPECT_EQ(found.pool, row.pool) << row.name;
    }
    EXPECT_EQ(table.IsVip(Ip(row.address)), row.match != kNotVip) << row.name;
  }
}

TEST(VipTable, RefusesTheSameServiceTwice) {
  VipTable table(2);
  EXPECT_TRUE(table.Add(Ip("198.18.1.1"), kTcp, Port(80), 0));
  EXPECT_FALSE(table.Add(Ip("198.18.1.1"), kTcp, Port(80), 1));
  EXPECT_EQ(table.Find(Ip("198.18.1.1"), kTcp, Port(80)).pool, 0);
}

TEST(VipTable, EmptyKnowsNobody) {
  EXPECT_FALSE(VipTable().IsVip(Ip("198.18.1.1")));
  EXPECT_EQ(VipTable().Find(Ip("::"), 0, Port(0)).match, VipTable::Match::kNotVip);
}

// Against a std::map, over many services whose addresses and ports are close together.
TEST(VipTable, AgreesWithAMap) {
  SeededRandom random(1);
  std::map<std::tuple<IpAddress, uint8_t, uint16_t>, uint16_t> twin;
  VipTable table(5000);
  const auto address = [&](uint32_t n) {
    std::array<uint8_t, 16> bytes{0x20, 0x01, 0x0d, 0xb8};
    bytes[n % 2 == 0 ? 15 : 3] = static_cast<uint8_t>(n);
    return n % 3 == 0 ? IpAddress::V4(std::span(bytes).first<4>()) : IpAddress::V6(bytes);
  };
  for (uint16_t i = 0; i < 5000; ++i) {
    const auto key = std::tuple(address(random.Below(60)), random.Below(2) == 0 ? kTcp : kUdp,
                                static_cast<uint16_t>(1 + random.Below(200)));
    const auto& [ip, protocol, port] = key;
    EXPECT_EQ(table.Add(ip, protocol, Port(port), i), twin.emplace(key, i).second);
  }
  for (int i = 0; i < 50'000; ++i) {
    const auto key = std::tuple(address(random.Below(80)), random.Below(2) == 0 ? kTcp : kUdp,
                                static_cast<uint16_t>(random.Below(220)));
    const auto& [ip, protocol, port] = key;
    const auto found = table.Find(ip, protocol, Port(port));
    const auto expected = twin.find(key);
    ASSERT_EQ(found.match == VipTable::Match::kPool, expected != twin.end());
    if (expected != twin.end()) {
      ASSERT_EQ(found.pool, expected->second);
    }
  }
}

}  // namespace
}  // namespace joinery::steer
