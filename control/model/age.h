// How long control has run, all its runs together. Deadlines that outlive a restart (quarantine,
// drain_max) are ages, never times of day: a clock that jumps, or a state file from a backup, can
// only make them later. The price: time while control is down does not count.
#pragma once

#include <chrono>

namespace joinery::control {

using Age = std::chrono::seconds;

}  // namespace joinery::control
