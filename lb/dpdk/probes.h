// What /healthz and /readyz answer. Healthy: every forwarding core goes round. Ready: it forwards,
// and its VIPs should be announced; the preference is in the answer (docs/protocol.md section 3,
// I4). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "api/net/page_server.h"
#include "base/clock.h"
#include "lb/dpdk/stats.h"
#include "lb/follow/status.h"

namespace joinery::dpdk {

// Notices cores that no longer go round: their count of rounds stands still.
class LcoreWatch {
 public:
  // A round takes some microseconds, a sleep of the idle mode less than a millisecond.
  static constexpr Nanoseconds kStuckAfter = std::chrono::seconds(5);

  // Looks at the cores' counts, the same cores in the same order each time.
  void Look(std::span<const LcoreStats> lcores, Instant now);
  // CPUs of those whose count has stood still since kStuckAfter before the last look.
  [[nodiscard]] std::vector<uint16_t> Stuck() const;

 private:
  struct Seen {
    uint16_t cpu = 0;
    uint64_t rounds = 0;
    Instant since{};
  };
  std::vector<Seen> seen_;
  Instant last_{};
};

struct Condition {
  bool started = false;                          // the cores run, and next hops were asked for
  std::vector<uint16_t> stuck = {};              // CPUs whose core no longer forwards
  std::optional<follow::Status> following = {};  // none: the pools are in the file
};

// 200 "ok", or 503 and which CPUs are stuck.
[[nodiscard]] api::Page HealthPage(const Condition& condition);

// 200 "ready: normal", 200 "ready: lower: ..." or 503 "not ready: ...". A control that does not
// answer is no reason for a 503.
[[nodiscard]] api::Page ReadyPage(const Condition& condition);

}  // namespace joinery::dpdk
