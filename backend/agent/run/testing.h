// An agent's state for tests of what is shown of it.
#pragma once

#include "backend/agent/run/status_json.h"

namespace joinery::agent {

// A core that encodes serial 2 under codepoint 1 and has counted.
[[nodiscard]] Core Encoding();

// `core` outlives it.
[[nodiscard]] AgentState StateOf(const Core& core);

}  // namespace joinery::agent
