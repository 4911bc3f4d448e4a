#include "control/daemon/metrics.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "control/daemon/model_metrics.h"

namespace joinery::control {
namespace {

using std::chrono::seconds;

constexpr Instant kNow{seconds(1000)};

// Two balancers, of which one has reported; a pool with two backends and a generation.
Model Example() {
  Model model;
  model.durable.at = {3, 9};
  model.durable.scheme = {3, 7};
  model.now.load_version = 5;
  model.now.recovery.waiting = false;
  model.durable.balancers = {{"lb1", {}}, {"lb2", {}}};
  BalancerStatus& lb1 = model.now.balancers["lb1"];
  lb1.scheme = {3, 4};
  lb1.report.emplace();
  lb1.report->scheme.at = {3, 4};
  lb1.report->load = {3, 5};
  lb1.report->ready = true;
  lb1.leases = {{.session = 1, .until = kNow + std::chrono::milliseconds(1500)}};

  Pool& pool = model.durable.pools["web"];
  pool.generations = {{.codepoint = Codepoint(2),
                       .serial = Serial(6),
                       .state = GenerationState::kActive,
                       .key = {},
                       .told = {"b1"}}};
  pool.backends["b1"] = {.id = BackendId(1), .state = BackendState::kUp, .view = {3, 8}};
  pool.backends["b2"] = {.id = BackendId(2), .state = BackendState::kFailed};
  AgentStatus& agent = model.now.agents[{.pool = "web", .backend = "b1"}];
  agent.view = {3, 8};
  agent.healthy = false;
  agent.report.emplace();
  agent.report->uses = {{.serial = Serial(6), .tokens = 12, .keys = 64}};
  agent.report->connections = 13;
  agent.report->findings = {{"mtu", false, "1400"}, {"vips", true, ""}};
  return model;
}

class MetricsTest : public testing::Test {
 protected:
  [[nodiscard]] std::string Text() const {
    return ToPrometheus({.model = model_,
                         .ages = ages_,
                         .now = kNow,
                         .uptime = seconds(60),
                         .servers = {},
                         .watchers = {.scheme = 1, .load = 2, .agents = 3, .events = 4},
                         .store = {.writes = 8,
                                   .taken = std::chrono::milliseconds(2500),
                                   .longest = seconds(1),
                                   .last_bytes = 4096},
                         .log_entries = {5, 6, 7}});
  }
  void ExpectLines(std::initializer_list<const char*> lines) const {
    const std::string text = "\n" + Text();
    for (const std::string line : lines) {
      EXPECT_NE(text.find("\njoinery_control_" + line + "\n"), std::string::npos)
          << line << "\nis not in\n"
          << text;
    }
  }

  Model model_ = Example();
  GenerationAges ages_;
};

TEST_F(MetricsTest, ShowsTheDaemon) {
  ExpectLines({"uptime_seconds 60", "epoch 3", "waiting 0", "view_version{part=\"scheme\"} 7",
               "view_version{part=\"load\"} 5", "watchers{view=\"scheme\"} 1",
               "watchers{view=\"agent\"} 3", "store_writes_total 8",
               "store_write_seconds_total 2.5", "store_longest_write_seconds 1", "store_bytes 4096",
               "log_entries_total{severity=\"alarm\"} 7"});
}

TEST_F(MetricsTest, ShowsBalancers) {
  ExpectLines({"balancer_reported{balancer=\"lb1\"} 1", "balancer_reported{balancer=\"lb2\"} 0",
               "balancer_ready{balancer=\"lb1\"} 1", "balancer_lease{balancer=\"lb1\"} 1",
               "balancer_lease_left_seconds{balancer=\"lb1\"} 1.5",
               "balancer_lease{balancer=\"lb2\"} 0", "balancer_scheme_lag{balancer=\"lb1\"} 3",
               "balancer_load_lag{balancer=\"lb1\"} 0", "balancer_scheme_lag{balancer=\"lb2\"} 7",
               "balancer_view_refused{balancer=\"lb1\"} 0",
               "balancer_digest_mismatch{balancer=\"lb1\"} 0", "tables_digests 0"});
  model_.now.balancers["lb1"].foreign = true;
  model_.now.balancers["lb1"].report->rejected = api::Rejection{};
  ExpectLines({"balancer_view_refused{balancer=\"lb1\"} 1",
               "balancer_digest_mismatch{balancer=\"lb1\"} 1"});
}

TEST_F(MetricsTest, CountsDifferentTablesOfTheNewestViews) {
  model_.now.balancers["lb2"] = model_.now.balancers["lb1"];
  model_.now.balancers["lb2"].report->tables[0] = 1;
  ExpectLines({"tables_digests 0"});
  for (auto& [name, status] : model_.now.balancers) status.report->scheme.at = {3, 7};
  ExpectLines({"tables_digests 2"});
}

TEST_F(MetricsTest, ShowsPoolsAndGenerations) {
  ages_.Look(model_, kNow - seconds(30));
  ExpectLines({"pool_backends{pool=\"web\",state=\"up\"} 1",
               "pool_backends{pool=\"web\",state=\"failed\"} 1",
               "pool_backends{pool=\"web\",state=\"draining\"} 0", "pool_withdrawn{pool=\"web\"} 0",
               "pool_resting_ids{pool=\"web\"} 0",
               "generation_state{pool=\"web\",codepoint=\"2\",state=\"active\"} 1",
               "generation_state{pool=\"web\",codepoint=\"2\",state=\"pending\"} 0",
               "generation_serial{pool=\"web\",codepoint=\"2\"} 6",
               "generation_state_seconds{pool=\"web\",codepoint=\"2\"} 30",
               "generation_told{pool=\"web\",codepoint=\"2\"} 1",
               "generation_tokens{pool=\"web\",codepoint=\"2\"} 12",
               "generation_keys{pool=\"web\",codepoint=\"2\"} 64"});
}

TEST_F(MetricsTest, ShowsBackendsAndTheirAgents) {
  ExpectLines({"backend_state{pool=\"web\",backend=\"b1\",state=\"up\"} 1",
               "backend_state{pool=\"web\",backend=\"b2\",state=\"failed\"} 1",
               "backend_state{pool=\"web\",backend=\"b2\",state=\"up\"} 0",
               "backend_healthy{pool=\"web\",backend=\"b1\"} 0",
               "backend_healthy{pool=\"web\",backend=\"b2\"} 1",
               "backend_connections{pool=\"web\",backend=\"b1\"} 13",
               "agent_reported{pool=\"web\",backend=\"b1\"} 1",
               "agent_reported{pool=\"web\",backend=\"b2\"} 0",
               "agent_view_lag{pool=\"web\",backend=\"b1\"} 0",
               "agent_view_refused{pool=\"web\",backend=\"b1\"} 0",
               "agent_checks_failed{pool=\"web\",backend=\"b1\"} 1"});
}

// How many series there are is the operator's doing alone.
TEST_F(MetricsTest, SeriesDoNotGrowWithReports) {
  const auto lines = [this] {
    const std::string text = Text();
    return std::ranges::count(text, '\n');
  };
  const auto before = lines();
  api::AgentReport& report = *model_.now.agents[{.pool = "web", .backend = "b1"}].report;
  for (uint64_t serial = 0; serial < 100; ++serial) {
    report.uses.push_back({.serial = Serial(serial), .tokens = 1});
    report.findings.push_back({"made up " + std::to_string(serial), false, ""});
  }
  model_.now.balancers["who is this"] = model_.now.balancers["lb1"];
  model_.now.agents[{.pool = "web", .backend = "unknown"}].report.emplace();
  EXPECT_EQ(lines(), before);
}

TEST(Lag, CountsChanges) {
  EXPECT_EQ(Lag({3, 7}, {3, 7}), 0U);
  EXPECT_EQ(Lag({3, 7}, {4, 0}), 0U) << "it knows more";
  EXPECT_EQ(Lag({3, 7}, {3, 5}), 2U);
  EXPECT_EQ(Lag({3, 7}, {2, 9}), 7U) << "all of this epoch";
  EXPECT_EQ(Lag({3, 0}, {2, 9}), 1U);
}

TEST(ReadyPage, WaitsForReports) {
  Model model;
  model.now.recovery.balancers = {"lb2"};
  EXPECT_EQ(ReadyPage(model).status, 503U);
  EXPECT_EQ(ReadyPage(model).body,
            "not ready: nothing is published: balancer lb2 has not reported\n");
  model.now.recovery.waiting = false;
  EXPECT_EQ(ReadyPage(model).status, 200U);
}

}  // namespace
}  // namespace joinery::control
