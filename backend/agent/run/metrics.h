// The agent's state for Prometheus and for probes. Labels are codepoints, names of checks and of
// counters: how many series there are depends on nothing that a client or a stack sends. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "api/log/logger.h"
#include "api/net/page_server.h"
#include "backend/agent/run/status_json.h"
#include "base/clock.h"

namespace joinery::agent {

// What became of reports to control.
struct ReportCounters {
  uint64_t answered = 0;
  uint64_t failed = 0;  // no answer, or a refusal
};

struct Observed {
  const AgentState& state;
  Nanoseconds uptime{};
  Nanoseconds since_answer{};  // since control last answered a report; since the start if never
  ReportCounters reports;
  api::Logger::Counts log_entries{};
};

[[nodiscard]] std::string ToPrometheus(const Observed& observed);

// 200 "ready" when new connections get tokens that name this backend, else 503 and why not.
[[nodiscard]] api::Page ReadyPage(const AgentState& state);

}  // namespace joinery::agent
