// What the operator may tune about change and failure: docs/protocol.md section 9. All pools share
// one policy; what their health means each has for itself. Durations are counted on CLOCK_BOOTTIME.
#pragma once

#include <chrono>
#include <cstdint>

namespace joinery::control {

using std::chrono::seconds;

// What balancers do for a pool that has no backend left to place on (I6).
enum class AllDown : uint8_t {
  kFailOpen,  // as if all were up
  kWithdraw,  // the pool's VIPs are withdrawn
};

struct Policy {
  seconds lease{10};           // 3..3600; longer rides out slower networks, and delays every change
  uint32_t lb_quorum = 0;      // balancers that must confirm, leased or not; 0: the majority
  seconds retire_hold{180};    // how long all tokens of a generation must have been gone
  seconds drain_max{86'400};   // after this a generation retires whatever it still has
  seconds quarantine{86'400};  // rest of an ID whose backend left without saying that it is empty

  friend bool operator==(const Policy&, const Policy&) noexcept = default;
};

// Of a pool.
struct HealthPolicy {
  uint8_t panic_percent = 50;  // more of its backends down: their health is ignored
  AllDown all_down = AllDown::kFailOpen;

  friend bool operator==(const HealthPolicy&, const HealthPolicy&) noexcept = default;
};

// Control holds a lease for longer than the balancer does: their clocks may differ by 1 %, and two
// seconds are for what neither clock sees (docs/protocol.md section 3, I4).
[[nodiscard]] constexpr seconds LeaseAtControl(const Policy& policy) noexcept {
  return policy.lease + policy.lease / 100 + seconds{2};
}

[[nodiscard]] constexpr size_t Quorum(const Policy& policy, size_t configured) noexcept {
  return policy.lb_quorum != 0 ? policy.lb_quorum : configured / 2 + 1;
}

}  // namespace joinery::control
