#include "lb/dpdk/fixed_settings.h"

#include <functional>

#include <gtest/gtest.h>

namespace joinery::dpdk {
namespace {

settings::Balancer Running() {
  settings::Balancer balancer;
  balancer.eal_options = {"--no-huge"};
  balancer.ports.push_back({.name = "lan",
                            .device = "net_null0",
                            .addresses = {*IpPrefix::Parse("198.18.0.2/24")},
                            .gateways = {}});
  return balancer;
}

struct Case {
  const char* name;
  std::function<void(settings::Balancer&)> change;
  std::vector<std::string> differences = {};
};

class FixedSettingsTest : public testing::TestWithParam<Case> {};

TEST_P(FixedSettingsTest, SaysWhatAReloadCannotChange) {
  settings::Balancer next = Running();
  GetParam().change(next);
  EXPECT_EQ(FixedDifferences(Running(), next), GetParam().differences);
}

INSTANTIATE_TEST_SUITE_P(
    Changes, FixedSettingsTest,
    testing::Values(
        Case{.name = "Nothing", .change = [](settings::Balancer&) {}},
        Case{.name = "WhatMayChange",
             .change =
                 [](settings::Balancer& next) {
                   next.name = "other";
                   next.steering = settings::Steering::kFiveTuple;
                   next.hash_rate = 7;
                   next.ports[0].gateways = {*IpAddress::Parse("198.18.0.1")};
                 }},
        Case{.name = "Lcores",
             .change =
                 [](settings::Balancer& next) {
                   next.lcores = {0, 1};
                 },
             .differences = {"balancer.lcores: [0] cannot become [0, 1] while running; restart for "
                             "that"}},
        Case{.name = "Idle",
             .change = [](settings::Balancer& next) { next.idle = settings::Idle::kSleep; },
             .differences = {"balancer.idle: poll cannot become sleep while running; restart for "
                             "that"}},
        Case{.name = "EalOptions",
             .change = [](settings::Balancer& next) { next.eal_options.clear(); },
             .differences = {"balancer.eal_options: [\"--no-huge\"] cannot become [] while "
                             "running; restart for that"}},
        Case{.name = "User",
             .change = [](settings::Balancer& next) { next.user = "joinery"; },
             .differences =
                 {"balancer.user: as started cannot become joinery while running; restart for "
                  "that"}},
        Case{.name = "APortsVlan",
             .change = [](settings::Balancer& next) { next.ports[0].vlan = 7; },
             .differences = {"balancer.ports: [\"lan net_null0 mtu 1500 198.18.0.2/24\"] cannot "
                             "become [\"lan net_null0 mtu 1500 vlan 7 198.18.0.2/24\"] while "
                             "running; restart for that"}},
        Case{.name = "StatsSocketAndCache",
             .change =
                 [](settings::Balancer& next) {
                   next.stats_socket = "/run/b.sock";
                   next.cache_flows = 1024;
                 },
             .differences = {"balancer.stats_socket: /run/joinery/lb.sock cannot become "
                             "/run/b.sock while running; restart for that",
                             "balancer.cache_flows: 65536 cannot become 1024 while running; "
                             "restart for that"}},
        Case{.name = "APortsAddress",
             .change =
                 [](settings::Balancer& next) {
                   next.ports[0].addresses = {*IpPrefix::Parse("198.18.0.3/24")};
                 },
             .differences = {"balancer.ports: [\"lan net_null0 mtu 1500 198.18.0.2/24\"] cannot "
                             "become [\"lan net_null0 mtu 1500 198.18.0.3/24\"] while running; "
                             "restart for that"}}),
    [](const auto& row) { return row.param.name; });

TEST(FixedSettings, PoolsStayWhereTheyComeFrom) {
  settings::Config file{.lb = Running(), .control = {}, .pools = {}};
  settings::Config local = file;
  local.control = settings::Control{.unix = "/c.sock", .address = {}, .tls = {}, .state_dir = "/s"};
  settings::Config remote = local;
  remote.control->unix.clear();
  remote.control->address = Endpoint::Parse("198.18.0.5:7443");
  remote.control->tls = settings::TlsFiles{.ca = "/a", .certificate = "/b", .key = "/k"};
  EXPECT_TRUE(FixedDifferences(file, file).empty());
  EXPECT_TRUE(FixedDifferences(remote, remote).empty());
  EXPECT_EQ(FixedDifferences(file, local),
            std::vector<std::string>{"control: pools in the file cannot become /c.sock and /s "
                                     "while running; restart for that"});
  EXPECT_EQ(FixedDifferences(local, remote),
            std::vector<std::string>{
                "control: /c.sock and /s cannot become 198.18.0.5:7443 with /a /b /k and /s "
                "while running; restart for that"});
}

}  // namespace
}  // namespace joinery::dpdk
