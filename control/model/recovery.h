// A start: docs/protocol.md section 3, I8. Control adds one to the epoch and publishes nothing
// until all balancers and agents of its inventory have reported, or the operator has named the
// absent. Whoever then holds a higher position than the state that was loaded shows that this state
// is an old one (a backup): control takes the newest scheme part over from the balancer that has
// it, keys included.
#pragma once

#include <string>

#include "control/model/transition.h"

namespace joinery::control {

void OnStarted(Transition& step, const Started& event);
void OnRecover(Transition& step, const Recover& command);

// A report is heard; one that shows a newer state than control's own lifts the epoch above it.
void HearBalancer(Transition& step, const BalancerReported& event);
void HearAgent(Transition& step, const AgentReported& event);

// Whether this balancer is to hand its scheme part back.
[[nodiscard]] bool WantsScheme(const Transition& step, const api::BalancerReport& report);

// Ends the wait when nobody is missing.
void SettleRecovery(Transition& step);

// "balancer lb2, agent web/b3 have not reported"; for refusals and alarms.
[[nodiscard]] std::string DescribeWait(const Model& model);

}  // namespace joinery::control
