#include "control/daemon/desired_from_config.h"

#include <gtest/gtest.h>

namespace joinery::control {
namespace {

settings::ControlPool PoolNamed(const std::string& name) {
  settings::ControlPool pool;
  pool.name = name;
  return pool;
}

TEST(DesiredFromConfig, TakesEverything) {
  settings::ControlConfig config;
  config.control.lb_quorum = 2;
  config.control.lease_s = 7;
  config.control.retire_hold_s = 8;
  config.control.drain_max_h = 9;
  config.control.quarantine_h = 10;
  config.balancers.push_back({.name = "lb1", .addresses = {*IpAddress::Parse("198.18.0.2")}});
  settings::ControlPool web = PoolNamed("web");
  web.max_backends = 32;
  web.algorithm = settings::Algorithm::kPlain;
  web.generation_bits = 3;
  web.handshake = settings::Handshake::kExplicit;
  web.table_size = 251;
  web.join_rate = 12;
  web.health.emplace();
  web.health->panic_percent = 11;
  web.health->all_down = settings::AllDown::kWithdraw;
  web.vips.push_back({.address = *IpAddress::Parse("198.18.1.1"), .protocol = 6, .ports = {}});
  web.backends.push_back({.name = "b1",
                          .address = *IpAddress::Parse("198.18.0.11"),
                          .weight = 13,
                          .encap = settings::Encap::kGue});
  config.pools.push_back(web);

  const Desired desired = DesiredFrom(config);
  EXPECT_EQ(desired.policy, (Policy{.lease = seconds(7),
                                    .lb_quorum = 2,
                                    .retire_hold = seconds(8),
                                    .drain_max = seconds(9 * 3600),
                                    .quarantine = seconds(10 * 3600)}));
  EXPECT_EQ(desired.balancers.at("lb1").size(), 1U);
  const DesiredPool& pool = desired.pools.at("web");
  EXPECT_EQ(pool.layout.max_backends, 32);
  EXPECT_EQ(pool.layout.algorithm, settings::Algorithm::kPlain);
  EXPECT_EQ(pool.layout.generation_bits, 3);
  EXPECT_EQ(pool.layout.handshake, settings::Handshake::kExplicit);
  EXPECT_EQ(pool.service.table_size, 251U);
  EXPECT_EQ(pool.service.join_rate, 12U);
  EXPECT_EQ(pool.health, (HealthPolicy{.panic_percent = 11, .all_down = AllDown::kWithdraw}));
  ASSERT_EQ(pool.service.vips.size(), 1U);
  EXPECT_EQ(pool.backends.at("b1"), (Endpoint{.address = *IpAddress::Parse("198.18.0.11"),
                                              .encap = settings::Encap::kGue,
                                              .weight = 13}));
}

// It is in every token's tweak, so it must never be another.
TEST(DesiredFromConfig, APoolsIdFollowsFromItsName) {
  settings::ControlConfig config;
  config.pools = {PoolNamed("web"), PoolNamed("mail")};
  const Desired both = DesiredFrom(config);
  config.pools = {PoolNamed("web")};
  EXPECT_EQ(DesiredFrom(config).pools.at("web").layout.id, both.pools.at("web").layout.id);
  EXPECT_EQ(both.pools.at("web").layout.id, PoolId(0x21620b1f));
  EXPECT_NE(both.pools.at("mail").layout.id, both.pools.at("web").layout.id);
}

}  // namespace
}  // namespace joinery::control
