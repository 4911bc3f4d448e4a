// The leases as they are kept in a file over a restart of the agent, so that nobody else gets what
// stacks still hold. Names tokens, so its mode is 0600; keys are not in it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "backend/agent/leases/lease_book.h"
#include "base/expected.h"

namespace joinery::agent {

[[nodiscard]] std::string ToJson(const std::vector<KeptLease>& leases);
// All or nothing.
[[nodiscard]] Expected<std::vector<KeptLease>> ParseKeptLeases(std::string_view text);

}  // namespace joinery::agent
