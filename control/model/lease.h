// What a balancer's report does: it confirms a scheme part and renews the lease (I4).
#pragma once

#include "control/model/transition.h"

namespace joinery::control {

void OnBalancerReport(Transition& step, const BalancerReported& event);

// Says when a lease has ended, and forgets balancers that the inventory no longer has.
void EndLeases(Transition& step);

}  // namespace joinery::control
