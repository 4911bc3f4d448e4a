// What the checks of a backend have found, for status and metrics.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/clock.h"
#include "control/health/tracker.h"
#include "control/model/backend.h"

namespace joinery::control {

struct BackendHealth {
  health::State state = health::State::kUnknown;
  Instant since{};           // of the state
  Nanoseconds held{};        // down for so long still: it came and went too often
  std::string last_failure;  // "connect: Connection refused"; empty: none
  uint64_t checks = 0;       // since it is checked
  uint64_t failures = 0;
};

using HealthByBackend = std::map<BackendRef, BackendHealth>;

}  // namespace joinery::control
