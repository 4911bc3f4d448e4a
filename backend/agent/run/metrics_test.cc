#include "backend/agent/run/metrics.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "backend/agent/run/testing.h"
#include "base/random.h"

namespace joinery::agent {
namespace {

std::string Text(const AgentState& state) {
  return ToPrometheus({.state = state,
                       .uptime = std::chrono::seconds(90),
                       .since_answer = std::chrono::milliseconds(1500),
                       .reports = {.answered = 30, .failed = 2},
                       .log_entries = {4, 5, 6}});
}

void ExpectLines(const AgentState& state, std::initializer_list<const char*> lines) {
  const std::string text = "\n" + Text(state);
  for (const std::string line : lines) {
    EXPECT_NE(text.find("\njoinery_agent_" + line + "\n"), std::string::npos)
        << line << "\nis not in\n"
        << text;
  }
}

TEST(Metrics, ShowAnAgentThatEncodes) {
  const Core core = Encoding();
  ExpectLines(StateOf(core), {"uptime_seconds 90",
                              "log_entries_total{severity=\"error\"} 6",
                              "control_connected 1",
                              "control_answer_age_seconds 1.5",
                              "reports_total{result=\"answered\"} 30",
                              "reports_total{result=\"failed\"} 2",
                              "view_epoch 1",
                              "view_version 2",
                              "view_held 1",
                              "view_refused 0",
                              "draining 1",
                              "generation_serial{codepoint=\"1\"} 2",
                              "generation_tokens{codepoint=\"1\"} 5",
                              "generation_leased_tokens{codepoint=\"1\"} 0",
                              "generation_encoding{codepoint=\"1\"} 1",
                              "confirmed_serial 2",
                              "encoder_present 1",
                              "encoder_serial 2",
                              "encoder_keys 9",
                              "encoder_trouble 0",
                              "connections 6",
                              "oldest_connection_seconds 77",
                              "foreign_tokens 0",
                              "count_trouble 0",
                              "check_failed{check=\"mtu\"} 1"});
}

TEST(Metrics, ShowAnAgentWithNothing) {
  const Core core(Self{}, std::nullopt);
  AgentState state = StateOf(core);
  state.control_reached = false;
  state.encoder_error = "no module";
  ExpectLines(state, {"control_connected 0", "view_epoch 0", "view_held 0", "confirmed_serial 0",
                      "encoder_present 0", "encoder_serial 0", "encoder_trouble 1"});
  EXPECT_EQ(Text(state).find("joinery_agent_leases"), std::string::npos) << "nothing is leased";
}

TEST(Metrics, ShowLeasesAndCounters) {
  const Core core = Encoding();
  const ManualClock clock;
  SeededRandom random(1);
  const LeaseBook book({}, clock, random, {});
  const LeaseServerCounters server{.accepted = 3, .slow = 1};
  const std::map<std::string, uint64_t> counters = {{"reserved", 8}};
  AgentState state = StateOf(core);
  state.leases = &book;
  state.lease_server = &server;
  state.encoder_counters = &counters;
  ExpectLines(state,
              {"leases 0", "lease_events_total{event=\"refused\"} 0",
               "lease_events_total{event=\"accepted\"} 3", "lease_events_total{event=\"slow\"} 1",
               "encoder_events_total{event=\"reserved\"} 8"});
}

// A finding is a series only under a name that this program knows.
TEST(Metrics, SeriesDoNotGrow) {
  const Core core = Encoding();
  AgentState state = StateOf(core);
  const auto lines = [&state] {
    const std::string text = Text(state);
    return std::ranges::count(text, '\n');
  };
  const auto before = lines();
  for (int i = 0; i < 100; ++i) {
    state.findings.push_back({"made up " + std::to_string(i), false, ""});
  }
  EXPECT_EQ(lines(), before);
}

TEST(ReadyPage, SaysWhyTokensNameNobody) {
  const Core encoding = Encoding();
  EXPECT_EQ(ReadyPage(StateOf(encoding)).status, 200U);
  EXPECT_EQ(ReadyPage(StateOf(encoding)).body, "ready: draining\n");
  Core core(Self{}, std::nullopt);
  AgentState state = StateOf(core);
  state.encoder_error = "no module";
  EXPECT_EQ(ReadyPage(state).status, 503U);
  EXPECT_EQ(ReadyPage(state).body, "not ready: no encoder: no module\n");
  static_cast<void>(core.Step(EncoderRead{{.incarnation = 0xabc}}));
  EXPECT_EQ(ReadyPage(state).body, "not ready: no view from control yet\n");
}

}  // namespace
}  // namespace joinery::agent
