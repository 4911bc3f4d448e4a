// The state of an agent as JSON, for `joinery-agent status`, and the same as lines for people.
// Never a key, never a token.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/reports.h"
#include "backend/agent/core/core.h"
#include "backend/agent/leases/lease_book.h"
#include "backend/agent/leases/lease_server.h"
#include "base/expected.h"

namespace joinery::agent {

struct AgentState {
  const Core* core = nullptr;
  bool control_reached = false;
  std::string control;        // where it is
  std::string trouble;        // the last with it; empty: none since it was reached
  std::string encoder_error;  // empty: none
  const std::map<std::string, uint64_t>* encoder_counters = nullptr;
  const LeaseBook* leases = nullptr;  // null: nothing is leased
  const LeaseServerCounters* lease_server = nullptr;
  std::vector<api::Finding> findings;
};

[[nodiscard]] std::string ToJson(const AgentState& state);

// One line: "serial 2 of pool web as 23; 12 connections; control reached".
[[nodiscard]] std::string Summary(const AgentState& state);

// What ToJson gave, for people.
[[nodiscard]] Expected<std::string> StatusText(std::string_view text);

}  // namespace joinery::agent
