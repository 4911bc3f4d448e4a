// Whether a server has what it needs to be a backend: each need is a finding with a name, and where
// that is safe, with what would put it right. Pure. docs/operations.md lists the same needs.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/reports.h"
#include "backend/agent/checks/facts.h"

namespace joinery::agent {

// Every check, in the order of the report: constant, name, when it holds.
#define JOINERY_AGENT_CHECKS(X)                                                                    \
  X(kModule, "module", "the kernel module is loaded and has its scheme")                           \
  X(kModuleProbe, "module_probe", "the module's probe sees every key")                             \
  X(kMptcp, "mptcp", "the kernel speaks MPTCP")                                                    \
  X(kTcpTimestamps, "tcp_timestamps", "TCP timestamps are on")                                     \
  X(kJoinInitialAddress, "join_initial_address", "clients may join the address they connected to") \
  X(kMptcpLimits, "mptcp_limits", "connections may have joined subflows")                          \
  X(kMptcpEndpoints, "mptcp_endpoints", "the server does not open subflows to clients")            \
  X(kListeners, "listeners", "the service listens on every VIP and port, as MPTCP")                \
  X(kVips, "vips", "every VIP is on the loopback interface")                                       \
  X(kArp, "arp", "the server does not answer ARP for VIPs")                                        \
  X(kRpFilter, "rp_filter", "the reverse path filter lets packets of tunnels pass")                \
  X(kMtu, "mtu", "interfaces carry packets of the usual size")                                     \
  X(kFastopenKey, "fastopen_key", "all servers of the pool share one TCP Fast Open key")           \
  X(kFacts, "facts", "all of this could be found out")

enum class Check : uint8_t {
#define X(constant, name, meaning) constant,
  JOINERY_AGENT_CHECKS(X)
#undef X
};

inline constexpr std::string_view kCheckNames[] = {
#define X(constant, name, meaning) name,
    JOINERY_AGENT_CHECKS(X)
#undef X
};

[[nodiscard]] std::string_view Name(Check check) noexcept;

// What puts a thing right, as far as it is safe to do by itself.
struct WriteSysctl {
  std::string name;
  std::string value;  // never logged: it may be a key
};
struct AddVip {  // to the loopback interface
  IpAddress address;
};
struct SetLimits {
  MptcpLimits limits;
};
using Mend = std::variant<WriteSysctl, AddVip, SetLimits>;

// "sysctl net.mptcp.enabled", for logs.
[[nodiscard]] std::string ToString(const Mend& mend);

struct Judged {
  Check check;
  bool ok = true;
  std::string detail;  // what was found; when it is not ok, what mends it
  std::vector<Mend> mends{};
};

// One for each check that applies.
[[nodiscard]] std::vector<Judged> Evaluate(const Facts& facts, const Wanted& wanted);

[[nodiscard]] api::Finding ToFinding(const Judged& judged);

}  // namespace joinery::agent
