// What an agent's report does: it says what the backend still has, and asks whether it may encode
// (I9).
#pragma once

#include "control/model/transition.h"

namespace joinery::control {

void OnAgentReport(Transition& step, const AgentReported& event);
void OnHealth(Transition& step, const HealthChanged& event);

// Whether the agent has said, since it was told to flush, that nothing is left on its backend.
[[nodiscard]] bool IsEmpty(const Pool& pool, const Backend& backend, const AgentStatus* agent);

// Whether the agent has said, since it was last told anything, that its backend makes no tokens.
[[nodiscard]] bool EncodesNothing(const Backend& backend, const AgentStatus* agent);

// Of one generation, as last reported; none: not reported.
[[nodiscard]] const api::GenerationUse* UseOf(const api::AgentReport& report,
                                              Serial serial) noexcept;

}  // namespace joinery::control
