// The balancer's middle over buffers, as the DPDK plane runs it between receive and transmit:
// decide a burst, then rewrite what is forwarded.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/mac_address.h"
#include "lb/forward/forward.h"
#include "lb/steer/lcore_state.h"
#include "lb/steer/snapshot.h"
#include "lb/steer/steer.h"
#include "tools/bench/workload.h"

namespace joinery::bench {

class Pipeline {
 public:
  // cache_flows: Config::lb.cache_flows. Every next hop has a MAC address already.
  Pipeline(const steer::Snapshot& snapshot, uint32_t cache_flows);

  void Handle(std::span<Buffer* const, kBurst> burst) noexcept;

  [[nodiscard]] const steer::Counters& counters() const noexcept { return state_.counters(); }

 private:
  const steer::Snapshot& snapshot_;
  steer::LcoreState state_;
  std::vector<forward::LinkAddresses> links_;  // by index in Snapshot::next_hops()
  Instant now_{std::chrono::seconds(1)};
};

}  // namespace joinery::bench
