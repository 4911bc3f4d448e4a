#include "lb/steer/snapshot.h"

#include <algorithm>
#include <functional>
#include <set>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "lb/steer/maglev.h"
#include "lb/steer/testing/test_config.h"

namespace joinery::steer {
namespace {

using settings::BackendState;
using settings::Config;
using testing::BackendOf;
using testing::BuildOrDie;
using testing::PoolOf;
using testing::TestConfig;

uint16_t IndexOf(const Snapshot& snapshot, std::string_view backend) {
  for (uint16_t i = 0; i < snapshot.backends().size(); ++i) {
    if (!snapshot.backends()[i].vacant() && snapshot.backends()[i].name == backend) return i;
  }
  return kNoIndex;
}

TEST(Snapshot, HoldsWhatTheConfigurationSays) {
  const auto snapshot = BuildOrDie(TestConfig(), 3);
  EXPECT_EQ(snapshot->version(), 3u);
  ASSERT_EQ(snapshot->pools().size(), 2u);
  ASSERT_EQ(snapshot->backends().size(), 5u);
  EXPECT_EQ(snapshot->vip_addresses().size(), 4u);
  const uint16_t b2 = IndexOf(*snapshot, "b2");
  const BackendEntry& backend = snapshot->backends()[b2];
  EXPECT_EQ(ToString(backend.address), "198.18.0.12");
  EXPECT_EQ(backend.id, BackendId(9));
  EXPECT_EQ(backend.mtu, 1500);
  EXPECT_EQ(snapshot->pools()[backend.pool].name, "web");
  EXPECT_EQ(snapshot->pools()[backend.pool].Find(BackendId(9)), b2);
  EXPECT_EQ(snapshot->pools()[backend.pool].serials[1], Serial(7));
  EXPECT_EQ(snapshot->next_hops()[backend.next_hop],
            (NextHop{.address = backend.address, .port = 0}));
}

TEST(Snapshot, TellsWhoServesAnAddress) {
  const auto snapshot = BuildOrDie(TestConfig());
  const IpAddress vip = *IpAddress::Parse("2001:db8:1::1");
  const auto found = snapshot->vips().Find(vip, 6, Port(443));
  ASSERT_EQ(found.match, VipTable::Match::kPool);
  EXPECT_EQ(snapshot->pools()[found.pool].name, "web");
  EXPECT_EQ(snapshot->vips().Find(vip, 6, Port(8080)).match, VipTable::Match::kPool);
  EXPECT_EQ(snapshot->vips().Find(vip, 6, Port(8100)).match, VipTable::Match::kNoService);
}

struct StateRow {
  const char* name;
  BackendState state = BackendState::kUp;
  uint32_t weight = 1;
  bool placed = false;
  bool reachable = false;
};

// docs/protocol.md section 4: draining and down are out of the table, failed is nowhere.
TEST(Snapshot, StatesDecideWhoTakesNewAndWhoTakesNamedPackets) {
  for (const StateRow& row : {
           StateRow{.name = "up", .placed = true, .reachable = true},
           StateRow{.name = "up without weight", .weight = 0, .reachable = true},
           StateRow{.name = "draining", .state = BackendState::kDraining, .reachable = true},
           StateRow{.name = "down", .state = BackendState::kDown, .reachable = true},
           StateRow{.name = "failed", .state = BackendState::kFailed},
       }) {
    Config config = TestConfig();
    BackendOf(config, "b2").state = row.state;
    BackendOf(config, "b2").weight = row.weight;
    const auto snapshot = BuildOrDie(config);
    const uint16_t b2 = IndexOf(*snapshot, "b2");
    const PoolEntry& pool = snapshot->pools()[snapshot->backends()[b2].pool];
    EXPECT_EQ(std::set(pool.table.begin(), pool.table.end()).contains(b2), row.placed) << row.name;
    EXPECT_EQ(pool.Find(BackendId(9)) == b2, row.reachable) << row.name;
    EXPECT_EQ(pool.table.size(), 65537u) << row.name;
  }
}

TEST(Snapshot, AskingForAnyIdIsSafe) {
  const auto snapshot = BuildOrDie(TestConfig());
  for (const PoolEntry& pool : snapshot->pools()) {
    size_t found = 0;
    for (uint32_t id = 0; id <= UINT16_MAX; ++id) {
      found += pool.Find(BackendId(static_cast<uint16_t>(id))) != kNoIndex ? 1 : 0;
    }
    EXPECT_EQ(found, pool.name == "web" ? 3u : 2u);
  }
}

struct WayRow {
  const char* name;
  settings::Encap encap = settings::Encap::kL2;
  const char* address = "198.18.0.12";
  const char* next_hop = "198.18.0.12";
  const char* source = "198.18.0.1";
  uint16_t mtu = 1500;
};

TEST(Snapshot, TheWayToABackend) {
  for (const WayRow& row : {
           WayRow{.name = "l2"},
           WayRow{.name = "ipip on the subnet", .encap = settings::Encap::kIpip, .mtu = 1480},
           WayRow{.name = "gue on the subnet", .encap = settings::Encap::kGue, .mtu = 1472},
           WayRow{.name = "ipip by the gateway",
           .encap = settings::Encap::kIpip,
           .address = "192.0.2.9",
           .next_hop = "198.18.0.254",
           .mtu = 1480},
           WayRow{.name = "ipip over IPv6",
           .encap = settings::Encap::kIpip,
           .address = "2001:db8:9::9",
           .next_hop = "2001:db8::fe",
           .source = "2001:db8::1",
           .mtu = 1460},
           WayRow{.name = "gue over IPv6",
           .encap = settings::Encap::kGue,
           .address = "2001:db8::9",
           .next_hop = "2001:db8::9",
           .source = "2001:db8::1",
           .mtu = 1452},
       }) {
    Config config = TestConfig();
    BackendOf(config, "b2").encap = row.encap;
    BackendOf(config, "b2").address = *IpAddress::Parse(row.address);
    const auto snapshot = BuildOrDie(config);
    const BackendEntry& backend = snapshot->backends()[IndexOf(*snapshot, "b2")];
    EXPECT_EQ(ToString(backend.source), row.source) << row.name;
    EXPECT_EQ(backend.mtu, row.mtu) << row.name;
    EXPECT_EQ(ToString(snapshot->next_hops()[backend.next_hop].address), row.next_hop) << row.name;
  }
}

TEST(Snapshot, AGatewayIsANextHopOnce) {
  Config config = TestConfig();
  for (const char* name : {"a1", "a2"}) {
    BackendOf(config, name).encap = settings::Encap::kIpip;
    BackendOf(config, name).address = *IpAddress::Parse(name[1] == '1' ? "192.0.2.1" : "192.0.2.2");
  }
  const auto snapshot = BuildOrDie(config);
  EXPECT_EQ(snapshot->next_hops().size(), 4u);
}

TEST(Snapshot, ReloadKeepsIndexesAndReusesVacantOnes) {
  Config config = TestConfig();
  const auto one = BuildOrDie(config, 1);
  const uint16_t b1 = IndexOf(*one, "b1"), b2 = IndexOf(*one, "b2"), b3 = IndexOf(*one, "b3");

  PoolOf(config, "web").backends.erase(PoolOf(config, "web").backends.begin() + 1);  // b2
  std::swap(config.pools[0], config.pools[1]);
  const auto two = BuildOrDie(config, 2, one.get());
  EXPECT_EQ(IndexOf(*two, "b1"), b1);
  EXPECT_EQ(IndexOf(*two, "b3"), b3);
  EXPECT_TRUE(two->backends()[b2].vacant());
  EXPECT_EQ(two->backends()[b1].since, 1u);
  EXPECT_EQ(two->pools()[0].name, one->pools()[0].name);

  settings::Backend newcomer = BackendOf(config, "b1");
  newcomer.name = "b4";
  newcomer.id = BackendId(9);  // what b2 had: still somebody else
  newcomer.address = *IpAddress::Parse("198.18.0.14");
  PoolOf(config, "web").backends.push_back(newcomer);
  const auto three = BuildOrDie(config, 3, two.get());
  EXPECT_EQ(IndexOf(*three, "b4"), b2);
  EXPECT_EQ(three->backends()[b2].since, 3u);
  EXPECT_EQ(three->backends()[b3].since, 1u);
}

TEST(Snapshot, AVacantPoolsIndexIsTakenAgain) {
  Config config = TestConfig();
  const auto one = BuildOrDie(config, 1);
  const settings::Pool web = PoolOf(config, "web");
  config.pools.erase(config.pools.begin());
  const auto two = BuildOrDie(config, 2, one.get());
  EXPECT_TRUE(two->pools()[0].vacant);
  EXPECT_EQ(two->vips().Find(web.vips[0].address, 6, Port(80)).match, VipTable::Match::kNotVip);
  config.pools.push_back(web);
  const auto three = BuildOrDie(config, 3, two.get());
  EXPECT_EQ(three->pools()[0].name, "web");
  EXPECT_EQ(three->pools()[0].since, 3u);
  EXPECT_EQ(three->pools()[1].since, 1u);
}

// The table does not depend on indexes: names decide.
TEST(Snapshot, PlacesAlikeWhateverWasBefore) {
  Config config = TestConfig();
  const auto fresh = BuildOrDie(config, 9);
  Config other = config;
  std::swap(other.pools[0], other.pools[1]);
  PoolOf(other, "web").backends.erase(PoolOf(other, "web").backends.begin());
  const auto before = BuildOrDie(other, 8);
  const auto reloaded = BuildOrDie(config, 9, before.get());
  const auto names = [](const Snapshot& snapshot, std::string_view name) {
    std::vector<std::string> out;
    for (const PoolEntry& pool : snapshot.pools()) {
      if (pool.name != name) continue;
      for (const uint16_t b : pool.table) out.push_back(snapshot.backends()[b].name);
    }
    return out;
  };
  EXPECT_EQ(names(*fresh, "web"), names(*reloaded, "web"));
  EXPECT_EQ(names(*fresh, "api"), names(*reloaded, "api"));
}

// What comes of a pool's table when the configuration changes: the very same object, or another.
TEST(Snapshot, SharesTheTableOfAnUnchangedPool) {
  struct Row {
    const char* name;
    std::function<void(Config&)> change;
    bool web_shared = true;
  };
  const Row rows[] = {
      {"nothing", [](Config&) {}},
      {"another pool's backend", [](Config& c) { BackendOf(c, "a1").weight = 7; }},
      {"the pool's addresses", [](Config& c) { PoolOf(c, "web").vips.pop_back(); }},
      {"the pool's keys", [](Config& c) { PoolOf(c, "web").scheme.generations.pop_back(); }},
      {"a backend's address",
       [](Config& c) { BackendOf(c, "b2").address = *IpAddress::Parse("198.18.0.99"); }},
      {"the order of pools", [](Config& c) { std::swap(c.pools[0], c.pools[1]); }},
      {"a weight", [](Config& c) { BackendOf(c, "b2").weight = 7; }, false},
      {"a state", [](Config& c) { BackendOf(c, "b2").state = BackendState::kDraining; }, false},
      {"a member", [](Config& c) { PoolOf(c, "web").backends.pop_back(); }, false},
      {"the table's size", [](Config& c) { PoolOf(c, "web").table_size = 65'539; }, false},
  };
  const auto table = [](const Snapshot& snapshot) {
    const auto pool = std::ranges::find(snapshot.pools(), "web", &PoolEntry::name);
    EXPECT_EQ(pool->table.data(), pool->placement->slots().data());
    return pool->placement;
  };
  for (const Row& row : rows) {
    const auto before = BuildOrDie(TestConfig(), 1);
    Config config = TestConfig();
    row.change(config);
    const auto after = BuildOrDie(config, 2, before.get());
    EXPECT_EQ(table(*before) == table(*after), row.web_shared) << row.name;
  }
}

TEST(Snapshot, ASharedTableOutlivesTheSnapshotBefore) {
  auto before = BuildOrDie(TestConfig(), 1);
  const std::vector<uint16_t> slots(before->pools()[0].table.begin(),
                                    before->pools()[0].table.end());
  const auto after = BuildOrDie(TestConfig(), 2, before.get());
  before.reset();
  EXPECT_TRUE(std::ranges::equal(after->pools()[0].table, slots));
}

struct RefusalRow {
  const char* name;
  std::function<void(Config&)> spoil;
  const char* message;
};

// settings lets none of these through; Build does not rely on it.
TEST(Snapshot, RefusesWhatItCanNotHold) {
  const RefusalRow rows[] = {
      {"two pools of one id", [](Config& c) { c.pools[1].id = c.pools[0].id; },
       "pool id 1 is given twice"},
      {"two backends of one id", [](Config& c) { BackendOf(c, "b2").id = BackendId(5); },
       "pool web: backend id 5 is given twice"},
      {"an id beyond the scheme", [](Config& c) { BackendOf(c, "b2").id = BackendId(256); },
       "pool web: backend id 256 is too large; allowed 0..255"},
      {"one service twice", [](Config& c) { c.pools[1].vips = c.pools[0].vips; },
       "2001:db8:1::1 protocol 6: ports 80 and 80 overlap"},
      {"a backend nowhere",
       [](Config& c) {
         c.lb.ports[0].gateways.clear();
         BackendOf(c, "a1").address = *IpAddress::Parse("192.0.2.9");
       },
       "backend api/a1: no port reaches 192.0.2.9"},
      {"l2 behind a gateway",
       [](Config& c) { BackendOf(c, "a1").address = *IpAddress::Parse("192.0.2.9"); },
       "backend api/a1: 192.0.2.9 is on no port's subnet, which encap l2 needs"},
      {"a table of no prime", [](Config& c) { c.pools[0].table_size = 65536; },
       "pool web: table size 65536 is no prime"},
      {"a generation bit too many", [](Config& c) { c.pools[0].scheme.generation_bits = 4; },
       "pool web: "},
      {"too many pools", [](Config& c) { c.pools.resize(kMaxPools + 1); },
       "257 pools are too many; allowed 0..256"},
      {"too many backends", [](Config& c) { c.pools[1].backends.resize(kMaxBackends); },
       "16387 backends are too many; allowed 0..16384"},
  };
  for (const RefusalRow& row : rows) {
    Config config = TestConfig();
    row.spoil(config);
    const auto snapshot = Snapshot::Build(config, 1);
    ASSERT_FALSE(snapshot.has_value()) << row.name;
    EXPECT_EQ(snapshot.error().message.substr(0, std::string_view(row.message).size()), row.message)
        << row.name;
  }
}

TEST(Snapshot, AnEmptyConfigurationServesNobody) {
  const auto snapshot = BuildOrDie(Config{});
  EXPECT_TRUE(snapshot->pools().empty());
  EXPECT_FALSE(snapshot->vips().IsVip(*IpAddress::Parse("198.18.1.1")));
}

}  // namespace
}  // namespace joinery::steer
