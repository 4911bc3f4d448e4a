#include "backend/agent/run/status_json.h"

#include <gtest/gtest.h>

namespace joinery::agent {
namespace {

// A core that encodes serial 2 and has counted.
Core Encoding() {
  Core core(Self{}, std::nullopt);
  api::AgentView view;
  view.at = {1, 2};
  view.pool = "web";
  view.backend = "web1";
  view.pool_id = PoolId(7);
  view.id = BackendId(23);
  view.drain = true;
  view.active = api::SchemeGeneration{.codepoint = Codepoint(1),
                                      .serial = Serial(2),
                                      .state = settings::GenerationState::kActive,
                                      .key = crypto::Key128::Bytes{0xde, 0xad, 0xbe, 0xef}};
  const kmod::ActiveScheme scheme{
      .pool = PoolId(7), .backend = BackendId(23), .codepoint = Codepoint(1), .serial = Serial(2)};
  const api::Stamp stamp{.at = view.at, .digest = {}};
  static_cast<void>(core.Step(ViewCame{.view = view, .stamp = stamp}));
  static_cast<void>(core.Step(RecordKept{}));
  static_cast<void>(core.Step(EncoderRead{{.incarnation = 0xabc}}));
  static_cast<void>(core.Step(Answered{.view = stamp, .incarnation = 0xabc, .may_encode = true}));
  static_cast<void>(core.Step(RecordKept{}));
  static_cast<void>(core.Step(
      EncoderSet{.error = "", .state = {.incarnation = 0xabc, .scheme = scheme, .keys = 9}}));
  UsesCounted uses;
  uses.tokens = {{Serial(2), 5}};
  uses.leased = {{Serial(1), 64}};
  uses.connections = 6;
  uses.oldest_s = 77;
  static_cast<void>(core.Step(uses));
  return core;
}

AgentState StateOf(const Core& core) {
  return {.core = &core,
          .control_reached = true,
          .control = "unix:/run/c.sock",
          .trouble = "",
          .encoder_error = "",
          .encoder_counters = nullptr,
          .leases = nullptr,
          .lease_server = nullptr,
          .findings = {{.name = "mtu", .ok = false, .detail = "eth0 1400"}}};
}

TEST(Summary, IsOneLine) {
  const Core core = Encoding();
  EXPECT_EQ(Summary(StateOf(core)),
            "serial 2 of pool 7 as 23; 6 connections, draining, oldest 77 s; control reached");
  const Core fresh(Self{}, std::nullopt);
  AgentState state = StateOf(fresh);
  state.control_reached = false;
  EXPECT_EQ(Summary(state), "no encoder; 0 connections; control not reached");
}

TEST(StatusText, SaysWhatTheJsonHolds) {
  const Core core = Encoding();
  const std::string json = ToJson(StateOf(core));
  EXPECT_EQ(json.find("deadbeef"), std::string::npos);
  const auto text = StatusText(json);
  ASSERT_TRUE(text) << text.error().message;
  for (const char* line :
       {"view.position 1.2\n", "view.drain true\n", "view.id 23\n", "control.reached true\n",
        "encoder.encoding 2\n", "encoder.keys 9\n", "connections 6\n", "oldest_connection_s 77\n",
        "serial 1: tokens 0 leased 64\n", "serial 2: tokens 5 leased 0\n",
        "FAIL mtu: eth0 1400\n"}) {
    EXPECT_NE(text->find(line), std::string::npos) << line << *text;
  }
}

TEST(StatusText, RefusesWhatIsNoStatus) {
  for (const char* text : {"", "[]", "{"}) EXPECT_FALSE(StatusText(text)) << text;
  EXPECT_TRUE(StatusText("{}"));
  EXPECT_TRUE(StatusText(R"({"uses": [1], "findings": [null], "view": 3})"));
}

}  // namespace
}  // namespace joinery::agent
