// The kernel's own list of TCP and MPTCP sockets of this network namespace: sock_diag(7), Linux
// net/ipv4/inet_diag.c and net/mptcp/mptcp_diag.c (the module mptcp_diag loads by itself). Works on
// Linux 6.1 and later; needs no privilege.
#pragma once

#include <cstdint>
#include <vector>

#include "base/expected.h"
#include "base/ids.h"
#include "base/ip_address.h"

namespace joinery::agent {

enum class SocketKind : uint8_t {
  // MPTCP connections that have their token: accepted ones, and those this host opened. Never
  // requests: a SYN that is still unanswered has its token in another table.
  kMptcpConnections,
  // TCP connections, subflows among them, from established to the last ACK. Neither SYN_RECV, of
  // which a flood makes many, nor TIME-WAIT, which holds nothing.
  kTcpConnections,
  kMptcpListeners,
  kTcpListeners,  // those of MPTCP among them
};

struct SocketRow {
  IpAddress local;  // an IPv4 address also where the socket is an IPv6 one (::ffff:a.b.c.d)
  Port local_port;
  uint64_t cookie = 0;       // names the socket for its life
  Token token;               // local; of kMptcpConnections
  bool fallen_back = false;  // MPTCP that became plain TCP: nobody joins it
  bool v6_only = false;      // of listeners
};

[[nodiscard]] Expected<std::vector<SocketRow>> ListSockets(SocketKind kind);

}  // namespace joinery::agent
