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

VipTable::Service ServiceOf(const char* address, uint8_t protocol, PortRange ports, uint16_t pool) {
  return {.address = Ip(address), .protocol = protocol, .ports = ports, .pool = pool};
}

constexpr PortRange One(uint16_t port) { return PortRange::One(Port(port)); }
constexpr PortRange Range(uint16_t first, uint16_t last) { return {Port(first), Port(last)}; }

VipTable BuildOrDie(std::vector<VipTable::Service> services) {
  auto table = VipTable::Build(std::move(services));
  EXPECT_TRUE(table) << table.error().message;
  return table ? *std::move(table) : VipTable();
}

VipTable SomeServices() {
  return BuildOrDie({
      ServiceOf("198.18.1.1", kTcp, Range(8200, 8299), 7),
      ServiceOf("198.18.1.1", kTcp, One(80), 3),
      ServiceOf("198.18.1.1", kTcp, Range(8000, 8099), 6),
      ServiceOf("198.18.1.1", kUdp, One(53), 4),
      ServiceOf("2001:db8::1", kTcp, One(80), 5),
      ServiceOf("198.18.1.3", kUdp, PortRange::All(), 8),
      ServiceOf("198.18.1.3", kTcp, Range(1024, 65535), 9),
  });
}

struct Row {
  const char* name;
  const char* address;
  uint8_t protocol;
  uint16_t port;
  VipTable::Match match;
  uint16_t pool = 0;
};

void CheckRows(const std::vector<Row>& rows) {
  const VipTable table = SomeServices();
  for (const Row& row : rows) {
    const auto found = table.Find(Ip(row.address), row.protocol, Port(row.port));
    EXPECT_EQ(found.match, row.match) << row.name;
    if (row.match == VipTable::Match::kPool) {
      EXPECT_EQ(found.pool, row.pool) << row.name;
    }
    EXPECT_EQ(table.IsVip(Ip(row.address)), row.match != VipTable::Match::kNotVip) << row.name;
  }
}

TEST(VipTable, TellsPoolServiceAndStranger) {
  using enum VipTable::Match;
  CheckRows({
      {"tcp", "198.18.1.1", kTcp, 80, kPool, 3},
      {"udp", "198.18.1.1", kUdp, 53, kPool, 4},
      {"ipv6", "2001:db8::1", kTcp, 80, kPool, 5},
      {"other protocol", "198.18.1.1", kUdp, 80, kNoService},
      {"other port", "198.18.1.1", kTcp, 81, kNoService},
      {"port 0", "198.18.1.1", kTcp, 0, kNoService},
      {"stranger", "198.18.1.2", kTcp, 80, kNotVip},
      {"the IPv4 bytes in an IPv6 address", "c612:101::", kTcp, 80, kNotVip},
  });
}

TEST(VipTable, RangesHoldBothEnds) {
  using enum VipTable::Match;
  CheckRows({
      {"below", "198.18.1.1", kTcp, 7999, kNoService},
      {"first", "198.18.1.1", kTcp, 8000, kPool, 6},
      {"inside", "198.18.1.1", kTcp, 8050, kPool, 6},
      {"last", "198.18.1.1", kTcp, 8099, kPool, 6},
      {"between two", "198.18.1.1", kTcp, 8100, kNoService},
      {"in the next", "198.18.1.1", kTcp, 8200, kPool, 7},
      {"above", "198.18.1.1", kTcp, 65535, kNoService},
      {"of another protocol", "198.18.1.1", kUdp, 8050, kNoService},
      {"of another address", "2001:db8::1", kTcp, 8050, kNoService},
      {"the upper ports, first", "198.18.1.3", kTcp, 1024, kPool, 9},
      {"below the upper ports", "198.18.1.3", kTcp, 1023, kNoService},
      {"the upper ports, last", "198.18.1.3", kTcp, 65535, kPool, 9},
      {"all, first", "198.18.1.3", kUdp, 1, kPool, 8},
      {"all, last", "198.18.1.3", kUdp, 65535, kPool, 8},
      {"all but 0", "198.18.1.3", kUdp, 0, kNoService},
  });
}

TEST(VipTable, RefusesWhatOverlaps) {
  struct Refusal {
    const char* name;
    PortRange one;
    PortRange other;
    const char* message;
  };
  for (const Refusal& row : {
           Refusal{"the same port", One(80), One(80),
                   "198.18.1.1 protocol 6: ports 80 and 80 overlap"},
           Refusal{"a port in a range", One(80), Range(70, 90),
                   "198.18.1.1 protocol 6: ports 70-90 and 80 overlap"},
           Refusal{"two ranges", Range(70, 90), Range(90, 99),
                   "198.18.1.1 protocol 6: ports 70-90 and 90-99 overlap"},
           Refusal{"all", PortRange::All(), One(65535),
                   "198.18.1.1 protocol 6: ports all and 65535 overlap"},
       }) {
    const auto table = VipTable::Build(
        {ServiceOf("198.18.1.1", kTcp, row.one, 0), ServiceOf("198.18.1.1", kTcp, row.other, 1),
         ServiceOf("198.18.1.1", kUdp, row.one, 2), ServiceOf("198.18.1.2", kTcp, row.one, 3)});
    ASSERT_FALSE(table) << row.name;
    EXPECT_EQ(table.error().message, row.message) << row.name;
  }
}

TEST(VipTable, EmptyKnowsNobody) {
  EXPECT_FALSE(VipTable().IsVip(Ip("198.18.1.1")));
  EXPECT_EQ(VipTable().Find(Ip("::"), kTcp, Port(80)).match, VipTable::Match::kNotVip);
}

TEST(VipTable, TellsWhatAnAddressServes) {
  const VipTable table = SomeServices();
  std::string text;
  for (const VipTable::Service& service : table.ServicesOf(Ip("198.18.1.1"), kTcp)) {
    text += ToString(service.ports) + " ";
  }
  EXPECT_EQ(text, "80 8000-8099 8200-8299 ");
  EXPECT_TRUE(table.ServicesOf(Ip("2001:db8::1"), kUdp).empty());
  EXPECT_TRUE(table.ServicesOf(Ip("198.18.1.2"), kTcp).empty());
}

TEST(VipTable, AnAddressThatTakesFragmentsHasOnePoolForAll) {
  const auto by_address = [](VipTable::Service service) {
    service.by_address = true;
    return service;
  };
  const VipTable::Service web = ServiceOf("198.18.1.1", kTcp, One(80), 3);
  const VipTable::Service range = ServiceOf("198.18.1.1", kUdp, Range(5000, 5999), 3);
  const VipTable::Service dns = ServiceOf("198.18.1.2", kUdp, One(53), 4);
  const VipTable table = BuildOrDie({by_address(web), by_address(range), dns});
  using enum VipTable::Match;
  const auto taken = table.FindFragment(Ip("198.18.1.1"));
  EXPECT_EQ(taken.match, kPool);
  EXPECT_EQ(taken.pool, 3);
  EXPECT_EQ(table.FindFragment(Ip("198.18.1.2")).match, kNoService);
  EXPECT_EQ(table.FindFragment(Ip("198.18.1.3")).match, kNotVip);
  EXPECT_TRUE(table.Find(Ip("198.18.1.1"), kTcp, Port(80)).by_address);
  EXPECT_TRUE(table.Find(Ip("198.18.1.1"), kUdp, Port(5999)).by_address);
  EXPECT_EQ(table.Find(Ip("198.18.1.1"), kTcp, Port(81)).match, kNoService);
  EXPECT_FALSE(table.Find(Ip("198.18.1.2"), kUdp, Port(53)).by_address);

  const std::string_view why = "198.18.1.1: fragments by address need one pool";
  const auto mixed = VipTable::Build({by_address(web), range});
  ASSERT_FALSE(mixed);
  EXPECT_TRUE(mixed.error().message.starts_with(why)) << mixed.error().message;
  const auto two_pools =
      VipTable::Build({by_address(web), by_address(ServiceOf("198.18.1.1", kUdp, One(53), 4))});
  ASSERT_FALSE(two_pools);
  EXPECT_TRUE(two_pools.error().message.starts_with(why)) << two_pools.error().message;
}

// Against a std::map with an entry for each port, over many services whose addresses and ports are
// close together.
TEST(VipTable, AgreesWithAMap) {
  SeededRandom random(1);
  using Key = std::tuple<IpAddress, uint8_t, uint16_t>;
  std::map<Key, uint16_t> twin;
  std::vector<VipTable::Service> services;
  const auto address = [&](uint32_t n) {
    std::array<uint8_t, 16> bytes{0x20, 0x01, 0x0d, 0xb8};
    bytes[n % 2 == 0 ? 15 : 3] = static_cast<uint8_t>(n);
    return n % 3 == 0 ? IpAddress::V4(std::span(bytes).first<4>()) : IpAddress::V6(bytes);
  };
  for (uint16_t i = 0; i < 5000; ++i) {
    const IpAddress ip = address(random.Below(60));
    const uint8_t protocol = random.Below(2) == 0 ? kTcp : kUdp;
    const auto first = static_cast<uint16_t>(1 + random.Below(400));
    const auto last = static_cast<uint16_t>(first + (random.Below(3) == 0 ? random.Below(9) : 0));
    bool taken = false;
    for (uint16_t port = first; port <= last; ++port) taken |= twin.contains({ip, protocol, port});
    if (taken) continue;
    for (uint16_t port = first; port <= last; ++port) twin[{ip, protocol, port}] = i;
    services.push_back(
        {.address = ip, .protocol = protocol, .ports = Range(first, last), .pool = i});
  }
  const VipTable table = BuildOrDie(services);
  for (int i = 0; i < 50'000; ++i) {
    const Key key(address(random.Below(80)), random.Below(2) == 0 ? kTcp : kUdp,
                  static_cast<uint16_t>(random.Below(420)));
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
