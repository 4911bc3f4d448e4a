#include "lb/steer/lcore_state.h"

namespace joinery::steer {

LcoreState::LcoreState(uint32_t cache_flows)
    : cache_(cache_flows),
      join_limits_(std::make_unique<JoinLimits>()),
      counters_(std::make_unique<Counters>()) {}

void LcoreState::Adopt(const Snapshot& snapshot) noexcept {
  if (snapshot.version() == version_) return;
  const auto pools = snapshot.pools();
  for (size_t i = 0; i < pools.size(); ++i) {
    if (pools[i].since <= version_) continue;
    for (Counter& counter : counters_->pools[i]) counter.Reset();
  }
  const auto backends = snapshot.backends();
  for (size_t i = 0; i < backends.size(); ++i) {
    if (backends[i].since <= version_) continue;
    counters_->backends[i].packets.Reset();
    counters_->backends[i].bytes.Reset();
    join_limits_->of[i] = RateLimit{};
  }
  version_ = snapshot.version();
}

}  // namespace joinery::steer
