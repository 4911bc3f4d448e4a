// The operator's file as the model wants it.
#pragma once

#include "control/model/desired.h"
#include "settings/control_config.h"

namespace joinery::control {

// A pool's ID is made from its name, so that it is the same for good, also for a pool that returns
// and for a control that has lost its state: the first 32 bits of SHA-256 of "joinery pool NAME".
// Of two names with the same bits the later in the alphabet gets the next free number.
[[nodiscard]] Desired DesiredFrom(const settings::ControlConfig& config);

}  // namespace joinery::control
