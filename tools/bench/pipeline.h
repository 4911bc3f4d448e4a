// The balancer's middle over buffers, as the DPDK plane runs it between receive and transmit:
// decide a burst, then rewrite what is forwarded.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/mac_address.h"
#include "lb/forward/forward.h"
#include "lb/steer/lcore_state.h"
#include "lb/steer/snapshot.h"
#include "tools/bench/workload.h"

namespace joinery::bench {

// Who decides: the reference, or what the product takes on this CPU.
enum class Engine : uint8_t { kScalar, kBest };
// "scalar" or "avx512": which one that is here.
[[nodiscard]] std::string_view Name(Engine engine) noexcept;

class Pipeline {
 public:
  // Every next hop has a MAC address already.
  // cache_flows: Config::lb.cache_flows.
  Pipeline(const steer::Snapshot& snapshot, uint32_t cache_flows, Engine engine);

  // From now on goes by this snapshot, whose backends have the indexes that the first one's have.
  void Use(const steer::Snapshot& snapshot) noexcept { snapshot_ = &snapshot; }
  void Handle(std::span<Buffer* const, kBurst> burst) noexcept;

  [[nodiscard]] Engine engine() const noexcept { return engine_; }
  [[nodiscard]] const steer::Counters& counters() const noexcept { return state_.counters(); }

 private:
  void Forward(const steer::Verdict& verdict, Buffer& buffer) noexcept;

  const steer::Snapshot* snapshot_;
  Engine engine_;
  steer::LcoreState state_;
  std::vector<forward::LinkAddresses> links_;  // by index in Snapshot::backends()
  Instant now_{std::chrono::seconds(1)};
  // Of the burst on its way; members, so that they are not cleared for each one.
  std::array<std::span<const uint8_t>, kBurst> frames_;
  std::array<steer::Verdict, kBurst> verdicts_;
};

}  // namespace joinery::bench
