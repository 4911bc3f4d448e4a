// All that can happen to the model: reports, the operator's wishes, and time.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "api/reports.h"
#include "base/ids.h"
#include "control/model/backend.h"
#include "control/model/desired.h"
#include "control/model/policy.h"

namespace joinery::control {

// First event of a run, after Model::durable was read. `store_is_current`: the store itself vouches
// that nothing newer was ever written (etcd, same cluster, revision not gone back); then nobody is
// waited for.
struct Started {
  bool store_is_current = false;
};

// The configuration, whole, at each start and after each change of it. What it would do: preview.h.
struct ConfigApplied {
  Desired desired;
  bool force = false;  // also what breaks connections: a pool goes although it has backends
};

// `trusted_bytes`: the digest is of what the server sent under that position, or the position is
// from before this start. False confirms nothing and alarms (I8).
struct BalancerReported {
  std::string balancer;
  api::BalancerReport report;
  bool trusted_bytes = true;
};

struct AgentReported {
  BackendRef from;
  api::AgentReport report;
  bool trusted_bytes = true;
};

struct HealthChanged {
  BackendRef backend;
  bool healthy = true;
  std::string reason{};  // what a check found, for people; empty: none is known
};

// At least once a second.
struct Tick {};

// Commands. The answer is Actions::result.

struct Drain {
  BackendRef backend;
  std::optional<seconds> deadline{};  // what is left then is said; nothing breaks
};
struct Undrain {
  BackendRef backend;
};
// What names the backend goes on down the ladder: its connections end.
struct MarkFailed {
  BackendRef backend;
};
// A failed backend comes back, as a new one does.
struct Restore {
  BackendRef backend;
};
struct AddBackend {
  BackendRef backend;
  Endpoint endpoint;
};
// Leaves when it is empty; at the deadline, or at once by force, with what it has.
struct RemoveBackend {
  BackendRef backend;
  std::optional<seconds> deadline{};
  bool force = false;
};
struct SetWeight {
  BackendRef backend;
  uint32_t weight = 1;
};
struct Rotate {
  std::string pool;
  bool emergency = false;
};
// The draining generation of this serial (none: the one that drained last) becomes active again.
struct Rollback {
  std::string pool;
  std::optional<Serial> serial{};
};
// Ends the pending generation.
struct Abort {
  std::string pool;
};
// Ends a draining generation whatever it still has; the log lists what loses future joins.
struct ForceRetire {
  std::string pool;
  Serial serial;
};
// These do not come back, or hold nothing that matters: the start no longer waits for them.
struct Recover {
  std::set<std::string> balancers;
  std::set<BackendRef> agents;
};

using Event = std::variant<Started, ConfigApplied, BalancerReported, AgentReported, HealthChanged,
                           Tick, Drain, Undrain, MarkFailed, Restore, AddBackend, RemoveBackend,
                           SetWeight, Rotate, Rollback, Abort, ForceRetire, Recover>;

}  // namespace joinery::control
