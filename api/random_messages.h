// Messages of every shape that is allowed, from a seed: for round trips. Test only.
#pragma once

#include "api/agent_view.h"
#include "api/balancer_view.h"
#include "api/reports.h"
#include "base/random.h"

namespace joinery::api {

[[nodiscard]] SchemePart RandomSchemePart(Random& random);
[[nodiscard]] LoadPart RandomLoadPart(Random& random);
[[nodiscard]] AgentView RandomAgentView(Random& random);
[[nodiscard]] BalancerReport RandomBalancerReport(Random& random);
[[nodiscard]] BalancerReply RandomBalancerReply(Random& random);
[[nodiscard]] AgentReport RandomAgentReport(Random& random);
[[nodiscard]] AgentReply RandomAgentReply(Random& random);

}  // namespace joinery::api
