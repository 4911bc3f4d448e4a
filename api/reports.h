// What balancers and agents tell control: which view they hold, or why they refuse it, and how they
// are. A report is also a balancer's renewal of its lease (docs/protocol.md section 3, I4). Plain
// values; api/*_json.h is their form on the wire.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/balancer_view.h"
#include "api/position.h"
#include "base/ids.h"

namespace joinery::api {

// A view that could not be applied. What was in force before it stays.
struct Rejection {
  Position at;
  std::string reason;
};

// Which report of its sender it is, so that one that was held up on the way (an old connection, a
// retry) is not taken for news.
struct Sequence {
  uint64_t session = 0;  // random at each start of the sender
  uint64_t number = 0;   // grows by one with each report of a session

  friend constexpr bool operator==(const Sequence&, const Sequence&) noexcept = default;
};

// Sent after each change and at least every third of a lease.
struct BalancerReport {
  Sequence sequence;
  Stamp scheme;  // durable here, and every lcore is quiescent on it
  Position load;
  std::optional<Rejection> rejected;
  // Of the tables this balancer forwards by: equal on all balancers at the same positions.
  Digest tables{};
  bool ready = false;  // ports up, next hops resolved
  // What `scheme` stands for, keys included: only when the last reply asked for it.
  std::optional<SchemePart> held;
};

// The balancer counts its lease from the sending of the report, on CLOCK_BOOTTIME.
struct BalancerReply {
  bool lease = false;
  uint32_t lease_ms = 0;
  // True: what this balancer holds is below the barrier version. It withdraws its VIPs until it has
  // caught up. Without an answer it goes on and announces them with lower preference.
  bool behind = false;
  // Control's state is older than what this balancer holds (a restored backup, I8): the next report
  // carries the scheme part, since it has the keys that control forgot.
  bool send_scheme = false;
};

// Of one generation, by the serial it was told.
struct GenerationUse {
  Serial serial;
  uint32_t tokens = 0;  // of live connections
  uint32_t keys = 0;    // sampled ahead, not yet used
};

// A thing that a backend needs, found right or wrong (sysctls, module, listeners, MTU).
struct Finding {
  std::string name;  // "rp_filter"
  bool ok = false;
  std::string detail;  // what was found, and what mends it
};

struct AgentReport {
  Sequence sequence;
  Stamp view;
  std::optional<Rejection> rejected;
  uint64_t incarnation = 0;        // of the encoder (kernel module): random at each load; 0: none
  std::optional<Serial> encoding;  // what new tokens are made under; none: reserved codepoint
  std::vector<GenerationUse> uses;
  uint32_t connections = 0;  // to the pool's VIPs
  uint64_t oldest_connection_s = 0;
  std::vector<Finding> findings;
};

// What is said to an agent in answer: under this encoder it may encode the active generation of the
// view at this position. For another view, or another load of the module, it says nothing (I9).
struct AgentReply {
  bool may_encode = false;
  Position view;
  uint64_t incarnation = 0;
};

}  // namespace joinery::api
