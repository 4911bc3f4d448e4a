// Control's status as joinctl reads it (control/daemon/status_json.h writes it).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"

namespace joinery::ctl {

struct GenerationView {
  uint64_t serial = 0;
  uint64_t codepoint = 0;
  std::string state;
  uint64_t told = 0;    // backends that ever encoded under it
  uint64_t tokens = 0;  // of live connections
  uint64_t keys = 0;    // sampled ahead
  std::optional<uint64_t> draining_for_s;
};

struct FindingView {
  std::string name;
  bool ok = false;
  std::string detail;
};

struct AgentReportView {
  bool confirmed = false;
  std::string view;
  std::optional<std::string> rejected;
  std::optional<uint64_t> encoding;
  uint64_t connections = 0;
  uint64_t oldest_connection_s = 0;
  std::vector<FindingView> findings;
};

struct HealthView {
  std::string state;  // unknown, up, down
  uint64_t for_s = 0;
  uint64_t held_for_s = 0;  // down for so long still, because it came and went
  std::optional<std::string> last_failure;
  uint64_t checks = 0;
  uint64_t failures = 0;
};

struct BackendView {
  std::string name;
  uint64_t id = 0;
  std::string address;
  std::string encap;
  uint64_t weight = 0;
  std::string state;
  bool healthy = true;
  std::optional<HealthView> health;  // nothing: it is not checked
  std::optional<uint64_t> deadline_in_s;
  std::optional<AgentReportView> agent;
};

struct PoolView {
  std::string name;
  uint64_t id = 0;
  std::string handshake;
  uint64_t max_backends = 0;
  std::vector<std::string> vips;  // "198.18.1.1 tcp 80,443"
  std::vector<GenerationView> generations;
  std::vector<BackendView> backends;
};

struct BalancerView {
  std::string name;
  bool leased = false;
  std::optional<uint64_t> lease_left_s;
  bool confirmed = false;
  bool reported = false;
  bool ready = false;
  std::string scheme;
  std::string load;
  std::string tables;
  std::optional<std::string> rejected;
};

struct StatusView {
  std::string control;
  uint64_t epoch = 0;
  std::string scheme;
  std::string load;
  bool waiting = false;
  std::vector<std::string> waits_for;
  std::vector<std::string> alarms;
  std::vector<BalancerView> balancers;
  std::vector<PoolView> pools;
};

[[nodiscard]] Expected<StatusView> ParseStatus(std::string_view json);

// Null: there is none of that name.
[[nodiscard]] const PoolView* FindPool(const StatusView& status, std::string_view name);
[[nodiscard]] const BackendView* FindBackend(const StatusView& status, std::string_view pool,
                                             std::string_view backend);

}  // namespace joinery::ctl
