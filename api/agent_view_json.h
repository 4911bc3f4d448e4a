// What an agent is told, as JSON. It holds keys: api/balancer_view_json.h says what follows.
#pragma once

#include <string>
#include <string_view>

#include "api/agent_view.h"
#include "base/expected.h"

namespace joinery::api {

// The same value always gives the same bytes.
[[nodiscard]] std::string ToJson(const AgentView& view);

// An ID that the pool's layout does not hold, or an active generation that is no active one, is an
// error.
[[nodiscard]] Expected<AgentView> ParseAgentView(std::string_view json);

}  // namespace joinery::api
