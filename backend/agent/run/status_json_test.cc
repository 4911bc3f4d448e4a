#include "backend/agent/run/status_json.h"

#include <gtest/gtest.h>

#include "backend/agent/run/testing.h"

namespace joinery::agent {
namespace {

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
