// Whether one backend is up, by the results of its checks: counts in a row, flap damping, and when
// the next check is due. Pure: time and randomness come in. What it says moves new connections
// only (docs/protocol.md section 4: `down` leaves the table and stays reachable).
//
//             rise successes in a row, and not suppressed
//        +----------------------------------------------+
//        v                                              |
//   +--------+        fall failures in a row        +--------+
//   |   up   |------------------------------------->|  down  |
//   +--------+                                      +--------+
//        ^   first result: success   +---------+  failure ^
//        +---------------------------| unknown |----------+
//                                    +---------+
#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "control/health/policy.h"

namespace joinery::health {

enum class State : uint8_t {
  kUnknown,  // no result yet; the first one decides. The backend is not kept from placement.
  kUp,
  kDown,
};

// "unknown", "up", "down".
[[nodiscard]] std::string_view Name(State state) noexcept;

class Tracker {
 public:
  // The first check is due at a random time within the first interval, so that a thousand backends
  // are not asked at once.
  Tracker(const Policy& policy, Instant now, Random& random) noexcept;

  // Another policy for the same backend: a reload. State, counts and penalty stay.
  void Adopt(const Policy& policy) noexcept { policy_ = policy; }

  // What a check that ended at `now` found. True when the state has changed.
  [[nodiscard]] bool Finish(bool success, Instant now, Random& random) noexcept;

  [[nodiscard]] State state() const noexcept { return state_; }
  [[nodiscard]] Instant due() const noexcept { return due_; }
  // Results in a row that speak against the state.
  [[nodiscard]] uint32_t against() const noexcept { return against_; }
  // Down only because it has flapped; up again by itself after this long without a failure.
  [[nodiscard]] Nanoseconds SuppressedFor(Instant now) const noexcept;

 private:
  [[nodiscard]] double PenaltyAt(Instant now) const noexcept;
  void Enter(State state, Instant now) noexcept;

  Policy policy_;
  State state_ = State::kUnknown;
  uint32_t against_ = 0;
  Instant due_;
  double penalty_ = 0;    // at penalty_at_
  Instant penalty_at_{};  // of the last fall
  bool suppressed_ = false;
};

}  // namespace joinery::health
