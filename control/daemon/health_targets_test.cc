#include "control/daemon/health_targets.h"

#include <gtest/gtest.h>

#include "settings/load_control.h"

namespace joinery::control {
namespace {

constexpr char kConfig[] = R"(
control:
  local: [{socket: /s, balancer: lb1}]
  health: {sources: [198.18.77.0/24, "2001:db8:77::/64"]}
balancers: [{name: lb1, addresses: [198.18.0.2]}]
pools:
  - name: web
    health: {type: http, interval_ms: 500, timeout_ms: 300, jitter_percent: 5, rise: 4, fall: 6,
             damping_s: 9, path: /up, host: example.com,
             status_min: 201, status_max: 203, body: fine}
    vips: [{address: 198.18.1.1, ports: [80]}]
    backends: [{name: b1, address: 198.18.0.11}]
  - name: mail
    vips: [{address: 198.18.1.2, ports: [25]}]
    backends: [{name: b1, address: 198.18.0.12}]
)";

settings::ControlConfig Config() {
  const auto config = settings::LoadControlText("c", kConfig);
  EXPECT_TRUE(config) << ToString(config.error().front());
  return config ? *config : settings::ControlConfig{};
}

IpAddress Address(const char* text) { return *IpAddress::Parse(text); }

// With VIPs of both families, two of IPv4, and one of UDP before them.
Pool WebPool() {
  Pool pool;
  const auto ports = [](uint16_t port) { return std::vector<PortRange>{{Port(port), Port(port)}}; };
  pool.service.vips = {{.address = Address("198.18.1.9"), .protocol = 17, .ports = ports(53)},
                       {.address = Address("198.18.1.1"), .protocol = 6, .ports = ports(80)},
                       {.address = Address("198.18.1.2"), .protocol = 6, .ports = ports(81)},
                       {.address = Address("2001:db8::1"), .protocol = 6, .ports = ports(82)}};
  pool.backends["b1"].endpoint = {.address = Address("198.18.0.11"),
                                  .encap = settings::Encap::kGue};
  pool.backends["b1"].state = BackendState::kUp;
  return pool;
}

TEST(HealthTargets, AskAtTheFirstTcpVipOfEachFamily) {
  Durable durable;
  durable.pools["web"] = WebPool();
  durable.pools["mail"] = WebPool();
  const auto targets = TargetsOf(durable, Config());
  ASSERT_EQ(targets.size(), 2U) << "mail has no checks";
  EXPECT_EQ(targets[0].backend, (BackendRef{.pool = "web", .backend = "b1"}));
  const health::Target& target = targets[0].target;
  EXPECT_EQ(target.name, "web/b1 at 198.18.1.1");
  EXPECT_EQ(target.way,
            (health::Way{.backend = Address("198.18.0.11"), .encap = settings::Encap::kGue}));
  EXPECT_EQ(target.port, Port(80));
  EXPECT_EQ(targets[1].target.name, "web/b1 at 2001:db8::1");
  EXPECT_EQ(targets[1].target.port, Port(82));
}

TEST(HealthTargets, AskWhatThePoolSays) {
  Durable durable;
  durable.pools["web"] = WebPool();
  settings::ControlConfig config = Config();
  const health::Target target = TargetsOf(durable, config)[0].target;
  EXPECT_EQ(target.check, (health::Check{.kind = health::CheckKind::kHttp,
                                         .path = "/up",
                                         .host = "example.com",
                                         .status_first = 201,
                                         .status_last = 203,
                                         .body = "fine"}));
  EXPECT_EQ(target.policy, (health::Policy{.interval = std::chrono::milliseconds(500),
                                           .timeout = std::chrono::milliseconds(300),
                                           .jitter_percent = 5,
                                           .rise = 4,
                                           .fall = 6,
                                           .half_life = std::chrono::seconds(9)}));
  config.pools[0].health->port = 8080;
  config.pools[0].health->type = settings::CheckType::kMptcp;
  const auto other = TargetsOf(durable, config);
  EXPECT_EQ(other[0].target.port, Port(8080));
  EXPECT_EQ(other[1].target.port, Port(8080));
  EXPECT_EQ(other[0].target.check.kind, health::CheckKind::kMptcp);
}

TEST(HealthTargets, LeaveOutWhoseAnswerChangesNothing) {
  for (const auto& [state, asked] : {std::pair{BackendState::kAdded, true},
                                     {BackendState::kUp, true},
                                     {BackendState::kDraining, true},
                                     {BackendState::kLeaving, false},
                                     {BackendState::kFailed, false}}) {
    Durable durable;
    durable.pools["web"] = WebPool();
    durable.pools["web"].backends["b1"].state = state;
    EXPECT_EQ(!TargetsOf(durable, Config()).empty(), asked) << static_cast<int>(state);
  }
}

TEST(HealthTargets, APoolThatTheModelDoesNotHaveHasNone) {
  EXPECT_TRUE(TargetsOf(Durable{}, Config()).empty());
}

}  // namespace
}  // namespace joinery::control
