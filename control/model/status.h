// What control knows of those who report to it, from their reports alone. Never durable: after a
// start it is learnt again.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/balancer_view.h"
#include "api/reports.h"
#include "base/clock.h"
#include "base/ids.h"
#include "control/model/backend.h"
#include "control/model/desired.h"

namespace joinery::control {

// Tells a late report from news. Each session of a sender counts by itself: which of two came first
// can not be told from what arrives.
class Sessions {
 public:
  static constexpr size_t kRemembered = 16;

  // Whether it is newer than all of its session that were admitted; then it is admitted too.
  [[nodiscard]] bool Admit(const api::Sequence& sequence);

 private:
  std::deque<api::Sequence> last_;  // of each session, the newest session last
};

// A lease belongs to a session: after a restart the balancer has none, but until it would have
// ended nobody knows whether the session that had it is gone.
struct Lease {
  uint64_t session = 0;
  Instant until{};  // by control's clock, margin included
  // What the session confirmed last; {0, 0}: it holds other bytes than control sent, nobody knows
  // what.
  api::Position scheme{};
  api::Position load{};
};

struct BalancerStatus {
  Sessions sessions;
  std::optional<api::BalancerReport> report;  // the last one, without `held`
  api::Position scheme;                       // what it confirmed: with the bytes that control sent
  bool foreign = false;       // it holds other bytes under the position that it names
  std::vector<Lease> leases;  // that have not ended
  bool behind = false;        // below the barrier version, as it was last told
};

// How long a backend has had nothing of a generation.
struct Zero {
  Instant from{};
  Instant until{};  // the last report that said so
};

struct AgentStatus {
  Sessions sessions;
  std::optional<api::AgentReport> report;  // the last one
  api::Position view;                      // as BalancerStatus::scheme
  bool foreign = false;
  std::map<Serial, Zero> zeros;  // of draining generations
  bool healthy = true;           // until a check says otherwise
};

// Whom a start waits for before it publishes anything (I8).
struct Recovery {
  bool waiting = true;
  std::set<std::string> balancers;
  std::set<BackendRef> agents;
  api::Position known;          // the newest position of the state that was loaded
  api::Position newest;         // that anybody reported; above `known`: the state is an old one
  api::Position newest_scheme;  // that a balancer reported
  std::optional<api::SchemePart> held;  // the newest scheme part that a balancer handed back
  std::optional<Desired> desired;       // a configuration that came meanwhile
};

struct Volatile {
  Recovery recovery;
  Instant started{};
  Age age_at_start{};
  Age age_saved{};
  Instant leases_known{};     // from then on no lease of an earlier run is left
  uint64_t load_version = 0;  // of the load part, in this epoch
  // The lowest load part that names everybody who may encode, and places on nobody who flushes its
  // keys.
  api::Position load_barrier;
  std::map<std::string, BalancerStatus> balancers;
  std::map<BackendRef, AgentStatus> agents;
};

}  // namespace joinery::control
