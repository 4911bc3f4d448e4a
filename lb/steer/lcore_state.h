// All that one lcore writes while it decides: nothing of it is shared, and losing it loses no
// connection that the snapshot can place. Allocated at start; a decision allocates nothing.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "lb/steer/counters.h"
#include "lb/steer/flow_cache.h"
#include "lb/steer/rate_limit.h"
#include "lb/steer/snapshot.h"

namespace joinery::steer {

class LcoreState {
 public:
  // cache_flows: Config::lb.cache_flows.
  explicit LcoreState(uint32_t cache_flows);

  // What readers on other threads may look at (SumCounters).
  [[nodiscard]] const Counters& counters() const noexcept { return *counters_; }

  // The rest is for the owning thread.

  // The first time that it sees a snapshot's version it clears what belonged to others under the
  // indexes that newcomers took. DecideBurst calls it; an lcore without packets calls it whenever
  // it looks at the snapshot, else readers go on seeing old counts under new names.
  void Adopt(const Snapshot& snapshot) noexcept;
  [[nodiscard]] Counters& mutable_counters() noexcept { return *counters_; }
  [[nodiscard]] FlowCache& cache() noexcept { return cache_; }
  [[nodiscard]] RateLimit& hash_limit() noexcept { return hash_limit_; }
  [[nodiscard]] RateLimit& icmp_copy_limit() noexcept { return icmp_copy_limit_; }
  // By index in Snapshot::backends().
  [[nodiscard]] RateLimit& join_limit(uint16_t backend) noexcept {
    return join_limits_->of[backend];
  }

 private:
  // Begins and ends with cache lines: the heap may put another lcore's behind it.
  struct alignas(64) JoinLimits {
    std::array<RateLimit, kMaxBackends> of;
  };

  uint64_t version_ = 0;  // of the last snapshot adopted
  FlowCache cache_;
  RateLimit hash_limit_;
  RateLimit icmp_copy_limit_;
  std::unique_ptr<JoinLimits> join_limits_;
  std::unique_ptr<Counters> counters_;
};

}  // namespace joinery::steer
