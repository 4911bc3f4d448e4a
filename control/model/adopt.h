// Takes over what a balancer holds and control has forgotten, since its state was restored from a
// backup. Where reports leave a doubt, the careful side is taken: a generation that may have been
// told to backends drains, and an ID that may have been used rests.
#pragma once

#include "control/model/transition.h"

namespace joinery::control {

void Adopt(Transition& step, const Recovery& recovery);

}  // namespace joinery::control
