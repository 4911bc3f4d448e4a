// Sockets of Linux's own MPTCP and what the kernel tells about them: MPTCP_INFO, MPTCP_TCPINFO and
// MPTCP_SUBFLOW_ADDRS of <linux/mptcp.h>, so Linux 5.16 or later. Nothing here guesses: a subflow
// counts when its TCP state is ESTABLISHED, which for a joined one means that the server's SYN/ACK
// carried the HMAC of this connection's keys (RFC 8684 section 3.2).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/socket.h>

#include "base/descriptor.h"
#include "base/expected.h"
#include "base/ids.h"
#include "base/ip_address.h"

namespace joinery::traffic {

using Deadline = std::chrono::steady_clock::time_point;

struct Endpoint {
  IpAddress address;
  uint16_t port = 0;  // host order

  friend bool operator==(const Endpoint&, const Endpoint&) noexcept = default;
};

// "198.18.0.1:80", "[2001:db8::1]:80"
[[nodiscard]] std::string ToString(const Endpoint& endpoint);
[[nodiscard]] Expected<Endpoint> ParseEndpoint(std::string_view text);

// IPv4 addresses mapped into IPv6 (RFC 4291 section 2.5.5.2) come out as IPv4.
[[nodiscard]] Endpoint FromSockaddr(const sockaddr_storage& from) noexcept;
// The length in use.
[[nodiscard]] socklen_t ToSockaddr(const Endpoint& endpoint, sockaddr_storage& to) noexcept;

enum class Transport : uint8_t { kMptcp, kTcp };

// A listening, non-blocking socket on [::], for IPv4 as well. Port 0 lets the kernel choose.
[[nodiscard]] Expected<Descriptor> ListenOn(uint16_t port, Transport transport);
// A connected, non-blocking socket.
[[nodiscard]] Expected<Descriptor> ConnectTo(const Endpoint& remote, Transport transport,
                                             Deadline deadline);
[[nodiscard]] Expected<Endpoint> LocalEndpoint(int fd);

// Waits for `events` of poll(2); false at the deadline.
[[nodiscard]] bool WaitFor(int fd, short events, Deadline deadline) noexcept;

struct Subflow {
  Endpoint local = {};
  Endpoint remote = {};
  bool established = false;
  uint64_t received = 0;  // bytes of TCP payload
};

struct ConnectionState {
  bool mptcp = false;             // false: it fell back to TCP, and the rest is empty
  Token token;                    // this side's own
  uint32_t attempted = 0;         // local addresses that the path manager has used for joins
  uint32_t pending = 0;           // joins under way or joined
  std::vector<Subflow> subflows;  // every one that lives, the first one included

  [[nodiscard]] uint32_t established() const noexcept;
};

[[nodiscard]] ConnectionState QueryConnection(int fd);

}  // namespace joinery::traffic
