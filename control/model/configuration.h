// A configuration takes effect: whole, or not at all. What it would do is preview.h's; this does
// it.
#pragma once

#include "control/model/transition.h"

namespace joinery::control {

void OnConfig(Transition& step, const ConfigApplied& config);

}  // namespace joinery::control
