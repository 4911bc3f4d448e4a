// Reports of balancers and agents and the answers to them, as JSON; digests are 64 hexadecimal
// digits. Unknown members are ignored; an error names the path.
#pragma once

#include <string>
#include <string_view>

#include "api/reports.h"
#include "base/expected.h"

namespace joinery::api {

[[nodiscard]] std::string ToJson(const BalancerReport& report);
[[nodiscard]] std::string ToJson(const BalancerReply& reply);
[[nodiscard]] std::string ToJson(const AgentReport& report);
[[nodiscard]] std::string ToJson(const AgentReply& reply);

[[nodiscard]] Expected<BalancerReport> ParseBalancerReport(std::string_view json);
[[nodiscard]] Expected<BalancerReply> ParseBalancerReply(std::string_view json);
[[nodiscard]] Expected<AgentReport> ParseAgentReport(std::string_view json);
[[nodiscard]] Expected<AgentReply> ParseAgentReply(std::string_view json);

}  // namespace joinery::api
