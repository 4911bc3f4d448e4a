// How following goes, for the stats socket, metrics, probes and people.
#pragma once

#include <optional>
#include <string>

#include "api/position.h"
#include "api/reports.h"
#include "base/clock.h"
#include "lb/follow/follower.h"

namespace joinery::follow {

struct Status {
  Announce announce = Announce::kWithdraw;
  bool connected = false;    // the last report got its answer
  bool behind = false;       // so control said last
  Nanoseconds lease_left{};  // 0: no lease
  api::Stamp scheme;         // in force; all zero: none
  api::Position load;
  std::optional<api::Rejection> rejected;

  [[nodiscard]] bool lease() const noexcept { return lease_left > Nanoseconds::zero(); }
};

[[nodiscard]] Status StatusOf(const State& state, Instant now);

// {"announce":"normal","connected":true,"behind":false,"lease":true,"lease_left_s":7.250,
//  "scheme":"3.41","scheme_sha256":"...","load":"3.97","rejected":{"at":"3.42","reason":"..."}}
// on one line; "rejected" is null when nothing is.
[[nodiscard]] std::string ToJson(const Status& status);

}  // namespace joinery::follow
