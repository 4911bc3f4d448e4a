#include "lb/follow/pools.h"

#include <functional>
#include <memory>

#include <gtest/gtest.h>

#include "lb/steer/snapshot.h"
#include "lb/steer/testing/test_config.h"

namespace joinery::follow {
namespace {

using settings::BackendState;

crypto::Key128 Key(uint8_t first) {
  return crypto::Key128::Bytes{first, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
}

// On 198.18.0.0/24 with a gateway, as steer::testing's.
settings::Balancer ThisMachine() { return steer::testing::TestConfig().lb; }

api::SchemePart WebScheme() {
  api::PoolScheme pool;
  pool.name = "web";
  pool.id = PoolId(1);
  pool.hash_secret = Key(0);
  pool.table_size = 251;
  pool.join_rate = 9;
  pool.vips.push_back({.address = *IpAddress::Parse("198.18.1.1"),
                       .protocol = 6,
                       .ports = {{Port(443), Port(443)}, {Port(80), Port(81)}}});
  pool.generations = {{.codepoint = Codepoint(0),
                       .serial = Serial(3),
                       .state = settings::GenerationState::kDraining,
                       .key = Key(1)},
                      {.codepoint = Codepoint(1),
                       .serial = Serial(4),
                       .state = settings::GenerationState::kActive,
                       .key = Key(2)}};
  pool.members = {{.id = BackendId(7), .name = "b7", .address = *IpAddress::Parse("198.18.0.17")},
                  {.id = BackendId(8),
                   .name = "b8",
                   .address = *IpAddress::Parse("198.18.0.18"),
                   .encap = settings::Encap::kGue},
                  {.id = BackendId(9), .name = "b9", .address = *IpAddress::Parse("198.18.0.19")}};
  return {.at = {1, 4}, .pools = {pool}};
}

api::LoadPart WebLoad() {
  return {.at = {1, 9},
          .scheme = {1, 4},
          .pools = {{.id = PoolId(1),
                     .members = {{.id = BackendId(7), .weight = 5},
                                 {.id = BackendId(8), .state = BackendState::kDraining}}}}};
}

TEST(ToPools, TakesSchemeAndLoadTogether) {
  const auto pools = ToPools(ThisMachine(), WebScheme(), WebLoad());
  ASSERT_TRUE(pools) << pools.error().message;
  ASSERT_EQ(pools->size(), 1U);
  const settings::Pool& web = pools->front();
  EXPECT_EQ(web.name, "web");
  EXPECT_EQ(web.id, PoolId(1));
  EXPECT_EQ(web.scheme.id_bits, 8);
  EXPECT_EQ(web.table_size, 251U);
  EXPECT_EQ(web.join_rate, 9U);
  EXPECT_EQ(web.hash_secret, Key(0));
  ASSERT_EQ(web.scheme.generations.size(), 2U);
  EXPECT_EQ(web.scheme.generations[1].serial, Serial(4));
  EXPECT_EQ(web.scheme.generations[1].key, Key(2));
  ASSERT_EQ(web.vips.size(), 1U);
  ASSERT_EQ(web.backends.size(), 3U);
  EXPECT_EQ(web.backends[0].weight, 5U);
  EXPECT_EQ(web.backends[0].state, BackendState::kUp);
  EXPECT_EQ(web.backends[1].state, BackendState::kDraining);
  EXPECT_EQ(web.backends[1].encap, settings::Encap::kGue);
  // Not named by the load part.
  EXPECT_EQ(web.backends[2].state, BackendState::kFailed);
}

// What ToPools lets through, Build takes: also a pool that is only just there.
TEST(ToPools, GivesWhatSnapshotsAreBuiltFrom) {
  settings::Config config{.lb = ThisMachine(), .control = {}, .pools = {}};
  config.pools = ToPools(ThisMachine(), WebScheme(), WebLoad()).value();
  const auto snapshot = steer::Snapshot::Build(config, 1);
  ASSERT_TRUE(snapshot) << snapshot.error().message;
  EXPECT_EQ((*snapshot)->vips().Find(*IpAddress::Parse("198.18.1.1"), 6, Port(81)).match,
            steer::VipTable::Match::kPool);
  const steer::PoolEntry& web = (*snapshot)->pools()[0];
  EXPECT_NE(web.Find(BackendId(8)), steer::kNoIndex) << "draining is still reached";
  EXPECT_EQ(web.Find(BackendId(9)), steer::kNoIndex) << "failed is nowhere";

  api::SchemePart fresh = WebScheme();
  fresh.pools[0].vips.clear();
  fresh.pools[0].members.clear();
  fresh.pools[0].generations.resize(1);
  fresh.pools[0].generations[0].state = settings::GenerationState::kPending;
  config.pools = ToPools(ThisMachine(), fresh, {}).value();
  EXPECT_TRUE(steer::Snapshot::Build(config, 2));
}

struct Row {
  const char* name;
  std::function<void(api::SchemePart&)> change;
  const char* reason;
};

TEST(ToPools, RefusesWhatClashes) {
  for (const Row& row : {
           Row{"the balancer's own address",
               [](api::SchemePart& s) {
                 s.pools[0].members[0].address = *IpAddress::Parse("198.18.0.1");
               },
               "pools[web].members[b7].address: 198.18.0.1 is the balancer's own"},
           Row{"a gateway's address",
               [](api::SchemePart& s) {
                 s.pools[0].members[0].address = *IpAddress::Parse("198.18.0.254");
               },
               "pools[web].members[b7].address: 198.18.0.254 is a gateway's"},
           Row{"the subnet's broadcast address",
               [](api::SchemePart& s) {
                 s.pools[0].members[0].address = *IpAddress::Parse("198.18.0.255");
               },
               "pools[web].members[b7].address: 198.18.0.255 is "},
           Row{"a multicast address",
               [](api::SchemePart& s) {
                 s.pools[0].members[1].address = *IpAddress::Parse("ff02::1");
               },
               "pools[web].members[b8].address: ff02::1 is a multicast address"},
           Row{"two members at one address",
               [](api::SchemePart& s) {
                 s.pools[0].members[1].address = s.pools[0].members[0].address;
               },
               "pools[web].members[b8].address: 198.18.0.17 is b7's too"},
           Row{"a VIP that is a member",
               [](api::SchemePart& s) {
                 s.pools[0].vips[0].address = s.pools[0].members[2].address;
               },
               "pools[web].vips[198.18.0.19]: it is a backend's address"},
           Row{"a VIP that no host has",
               [](api::SchemePart& s) { s.pools[0].vips[0].address = IpAddress{}; },
               "pools[web].vips[0.0.0.0]: it is "},
           Row{"one key for two generations",
               [](api::SchemePart& s) { s.pools[0].generations[1].key = Key(1); },
               "pools[web].generations[serial 4].key: another generation has the same"},
           Row{"generations that nobody reads",
               [](api::SchemePart& s) { s.pools[0].handshake = settings::Handshake::kNone; },
               "pools[web].generations: handshake none reads no token"},
       }) {
    api::SchemePart scheme = WebScheme();
    row.change(scheme);
    const auto pools = ToPools(ThisMachine(), scheme, WebLoad());
    ASSERT_FALSE(pools) << row.name;
    EXPECT_TRUE(pools.error().message.starts_with(row.reason))
        << row.name << ": " << pools.error().message;
  }
}

TEST(ToPools, SaysSomeOfManyFaults) {
  api::SchemePart scheme = WebScheme();
  scheme.pools[0].members.clear();
  for (uint16_t id = 0; id < 12; ++id) {
    scheme.pools[0].members.push_back({.id = BackendId(id),
                                       .name = "b" + std::to_string(id),
                                       .address = *IpAddress::Parse("198.18.0.1")});
  }
  const auto pools = ToPools(ThisMachine(), scheme, WebLoad());
  ASSERT_FALSE(pools);
  EXPECT_TRUE(pools.error().message.ends_with("; and 15 more")) << pools.error().message;
}

}  // namespace
}  // namespace joinery::follow
