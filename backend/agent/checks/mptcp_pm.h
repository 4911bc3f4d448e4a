// The in-kernel path manager's limits and endpoints, of this network namespace: what `ip mptcp`
// shows and sets. Generic netlink family "mptcp_pm", Linux include/uapi/linux/mptcp.h.
#pragma once

#include <vector>

#include "backend/agent/checks/facts.h"
#include "base/expected.h"

namespace joinery::agent {

[[nodiscard]] Expected<MptcpLimits> ReadMptcpLimits();
// Needs CAP_NET_ADMIN.
[[nodiscard]] Expected<void> WriteMptcpLimits(const MptcpLimits& limits);
[[nodiscard]] Expected<std::vector<MptcpEndpoint>> ReadMptcpEndpoints();

}  // namespace joinery::agent
