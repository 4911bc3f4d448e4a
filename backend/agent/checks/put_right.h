// Carries out what evaluate.h proposes: sysctls, VIPs on the loopback interface, MPTCP limits.
// Needs CAP_NET_ADMIN. Nothing survives a reboot: the agent puts it right again then.
#pragma once

#include <string>

#include "backend/agent/checks/evaluate.h"
#include "base/expected.h"

namespace joinery::agent {

// The error says what could not be done, and never a value.
[[nodiscard]] Expected<void> PutRight(const Mend& mend);

// One sysctl under `proc_sys`.
[[nodiscard]] Expected<void> PutSysctl(const std::string& proc_sys, const WriteSysctl& sysctl);

}  // namespace joinery::agent
