// The state of the control plane as one value, and its only transition. Pure: no I/O, no clock, no
// randomness of its own; the same state, event, time and random bits give the same result. Not
// thread-safe. docs/protocol.md section 3 is the law.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "control/model/actions.h"
#include "control/model/durable.h"
#include "control/model/event.h"
#include "control/model/status.h"

namespace joinery::control {

struct Model {
  Durable durable;
  Volatile now;
};

// `now` is CLOCK_BOOTTIME and never goes back within a run; a run starts with Started. `random`
// makes keys and IDs, so it is the kernel's outside of tests.
[[nodiscard]] Actions Step(Model& model, const Event& event, Instant now, Random& random);

}  // namespace joinery::control
