#include "settings/load_control.h"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "settings/golden.h"

namespace joinery::settings {
namespace {

constexpr char kFolder[] = "settings/testdata/control/";

std::string Diagnose(const std::string& file) {
  const auto config = LoadControlText(file, ReadSource(kFolder + file));
  std::string text;
  if (!config) {
    for (const Diagnostic& diagnostic : config.error()) text += ToString(diagnostic) + "\n";
  }
  return text;
}

class ControlDiagnostics : public testing::TestWithParam<std::string> {};

TEST_P(ControlDiagnostics, AreTheExpectedOnes) {
  ExpectGolden(kFolder + GetParam() + ".expected", Diagnose(GetParam() + ".yaml"));
}

INSTANTIATE_TEST_SUITE_P(Settings, ControlDiagnostics,
                         testing::Values("every_key", "clashes", "wrong_values", "no_health"),
                         [](const auto& row) { return row.param; });

TEST(LoadControl, ReadsTheDaemonsKeys) {
  const auto config =
      LoadControlText("/etc/j/c.yaml", ReadSource(std::string(kFolder) + "every_key.yaml"));
  ASSERT_TRUE(config);
  const ControlDaemon& control = config->control;
  EXPECT_EQ(control.name, "c1");
  EXPECT_EQ(control.admin_socket, "/run/c1.sock");
  EXPECT_EQ(control.admin_group, "joinery");
  ASSERT_EQ(control.listen.size(), 2U);
  EXPECT_EQ(control.listen[0].port, Port(1));
  EXPECT_EQ(ToString(control.listen[1].address), "::");
  EXPECT_EQ(control.listen[1].port, Listener{}.port);
  EXPECT_EQ(control.tls.ca, "/etc/j/pki/ca.pem") << "relative to the file";
  EXPECT_EQ(control.tls.key, "/etc/c.key");
  EXPECT_EQ(control.tls.revoked, "/etc/j/crl.pem");
  ASSERT_EQ(control.local.size(), 2U);
  EXPECT_EQ(control.local[0].socket, "/run/c1-lb1.sock");
  EXPECT_EQ(control.local[0].balancer, "lb1");
  EXPECT_EQ(control.local[1].users, (std::vector<uint32_t>{1001, 0}));
  EXPECT_EQ(control.local[1].backend, "web/b2");
  EXPECT_EQ(control.state_file, "/var/c1.state");
  EXPECT_EQ(control.state_key_file, "/etc/j/state.key");
  EXPECT_EQ(control.audit_log, "/var/c1.jsonl");
  EXPECT_EQ(control.log_level, LogLevel::kDebug);
  EXPECT_EQ(control.log_format, LogFormat::kJson);
  EXPECT_EQ(control.metrics, Endpoint::Parse("192.0.2.1:9000"));
  EXPECT_EQ(control.lb_quorum, 1);
  EXPECT_EQ(control.lease_s, 3U);
  EXPECT_EQ(control.retire_hold_s, 2U);
  EXPECT_EQ(control.drain_max_h, 1U);
  EXPECT_EQ(control.quarantine_h, 0U);
  ASSERT_TRUE(control.health);
  EXPECT_EQ(control.health->device, "chk0");
  ASSERT_EQ(control.health->sources.size(), 2U);
  EXPECT_EQ(ToString(control.health->sources[1]), "2001:db8:77::/64");
}

TEST(LoadControl, ReadsPools) {
  const auto config = LoadControlText("c", ReadSource(std::string(kFolder) + "every_key.yaml"));
  ASSERT_TRUE(config);
  ASSERT_EQ(config->balancers.size(), 1U);
  EXPECT_EQ(config->balancers[0].addresses.size(), 2U);
  ASSERT_EQ(config->pools.size(), 1U);
  const ControlPool& pool = config->pools[0];
  EXPECT_EQ(pool.max_backends, 32);
  EXPECT_EQ(pool.handshake, Handshake::kExplicit);
  EXPECT_EQ(pool.algorithm, Algorithm::kPlain);
  EXPECT_EQ(pool.generation_bits, 3);
  EXPECT_EQ(pool.table_size, 251U);
  EXPECT_EQ(pool.join_rate, 7U);
  ASSERT_EQ(pool.vips.size(), 2U);
  EXPECT_EQ(pool.vips[1].protocol, 17);
  ASSERT_EQ(pool.backends.size(), 2U);
  EXPECT_EQ(pool.backends[1].weight, 0U);
  EXPECT_EQ(pool.backends[1].encap, Encap::kGue);
}

TEST(LoadControl, ReadsHealthChecks) {
  const auto config = LoadControlText("c", ReadSource(std::string(kFolder) + "every_key.yaml"));
  ASSERT_TRUE(config);
  const std::optional<PoolHealth>& health = config->pools[0].health;
  ASSERT_TRUE(health);
  EXPECT_EQ(health->type, CheckType::kHttps);
  EXPECT_EQ(health->port, 8443);
  EXPECT_EQ(health->interval_ms, 100U);
  EXPECT_EQ(health->timeout_ms, 10U);
  EXPECT_EQ(health->jitter_percent, 50);
  EXPECT_EQ(health->rise, 1);
  EXPECT_EQ(health->fall, 4);
  EXPECT_EQ(health->damping_s, 0);
  EXPECT_EQ(health->path, "/healthz");
  EXPECT_EQ(health->host, "example.com");
  EXPECT_EQ(health->status_min, 201);
  EXPECT_EQ(health->status_max, 204);
  EXPECT_EQ(health->body, "fine");
  EXPECT_EQ(health->panic_percent, 100);
  EXPECT_EQ(health->all_down, AllDown::kWithdraw);
}

TEST(LoadControl, SaysWhatItFound) {
  const std::string path = testing::TempDir() + "/control.yaml";
  std::ofstream(path) << ReadSource(std::string(kFolder) + "every_key.yaml");
  std::ostringstream out;
  EXPECT_TRUE(CheckControlFile(path, out));
  EXPECT_EQ(out.str(), path + ": valid: 1 balancer, 1 pool, 2 backends\n");
}

TEST(LoadControl, CountsErrors) {
  std::ostringstream out;
  EXPECT_FALSE(CheckControlFile("/nowhere/c.yaml", out));
  EXPECT_EQ(out.str(),
            "/nowhere/c.yaml: cannot be opened: No such file or directory\n"
            "/nowhere/c.yaml: 1 error\n");
}

}  // namespace
}  // namespace joinery::settings
