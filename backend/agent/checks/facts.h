// What is the case on this server: plain values, gathered by gather.h and judged by evaluate.h.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/agent_view.h"
#include "backend/agent/diagnostics/sock_diag.h"
#include "base/ip_address.h"

namespace joinery::agent {

struct InterfaceFacts {
  std::string name;
  uint32_t mtu = 0;
  bool up = false;
  bool loopback = false;
  bool tunnel = false;  // of IP in IP: tunl, sit, ip6tnl
  std::vector<IpAddress> addresses;
};

// `ip mptcp limits`
struct MptcpLimits {
  uint32_t subflows = 0;
  uint32_t add_addr_accepted = 0;
};

// `ip mptcp endpoint`
struct MptcpEndpoint {
  IpAddress address;
  Port port;
  bool signals = false;         // announced to clients
  bool opens_subflows = false;  // `subflow` or `fullmesh`: this host opens subflows itself
};

struct Facts {
  // By their name in /proc/sys with dots. What the kernel does not have is not here.
  std::map<std::string, std::string> sysctls;
  std::vector<InterfaceFacts> interfaces;
  std::optional<MptcpLimits> limits;
  std::vector<MptcpEndpoint> endpoints;
  std::vector<SocketRow> tcp_listeners;  // those of MPTCP among them
  std::vector<SocketRow> mptcp_listeners;
  // The kernel module, where one is wanted.
  bool encoder_present = false;
  bool encoder_has_scheme = false;
  std::map<std::string, uint64_t> encoder_counters;
  std::vector<std::string> trouble;  // what could not be found out
};

// What the server is for.
struct Wanted {
  std::vector<api::ServedVip> vips;
  settings::Handshake handshake = settings::Handshake::kDerived;
  bool encoder = true;  // the kernel module is to be there
  uint32_t min_mtu = 1500;
  std::optional<std::string> fastopen_key;  // as the sysctl prints it; secret
};

}  // namespace joinery::agent
