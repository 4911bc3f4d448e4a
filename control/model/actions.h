// What a step asks of its caller, in this order: write the durable part if it changed; then answer,
// wake the watchers of what changed, and log. If the write fails nothing else may happen: the
// caller reads the state again, as after a crash.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/reports.h"
#include "base/expected.h"
#include "control/model/backend.h"

namespace joinery::control {

enum class Severity : uint8_t {
  kInfo,     // the course of things
  kWarning,  // something is held back or lost that the operator may want to know
  kAlarm,    // somebody has to act
};

struct LogEntry {
  Severity severity = Severity::kInfo;
  std::string
      text;  // one sentence without names of keys: "web: generation 4 pending -> active: ..."
};

// Why a command is not done, and when it would be.
struct Refusal {
  std::string message;
  std::optional<uint32_t> retry_after_s{};
};

struct Actions {
  bool durable = false;  // Model::durable changed
  std::optional<api::BalancerReply> balancer_reply;
  std::optional<api::AgentReply> agent_reply;
  bool scheme = false;          // SchemeView() is another
  bool load = false;            // LoadView() is another
  std::set<BackendRef> agents;  // whose AgentViewOf() is another
  std::vector<LogEntry> log;
  Expected<void, Refusal> result;  // of a command or a configuration
};

}  // namespace joinery::control
