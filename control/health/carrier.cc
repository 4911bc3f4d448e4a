#include "control/health/carrier.h"

#include <cerrno>
#include <cstring>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>

#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/big_endian.h"
#include "control/health/socket_address.h"
#include "lb/forward/outer.h"
#include "lb/steer/encap.h"

namespace joinery::health {
namespace {

constexpr int kFlags = SOCK_CLOEXEC | SOCK_NONBLOCK;
constexpr uint16_t kAnyPort = 9;  // connect wants one; nothing is sent there

std::string Reason() { return std::strerror(errno); }

// The address that this host's routes choose towards `backend`.
std::optional<IpAddress> OwnAddressTowards(const IpAddress& backend) {
  const SocketAddress to(backend, Port(kAnyPort));
  const int socket = ::socket(to.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return std::nullopt;
  sockaddr_in6 own{};
  socklen_t length = sizeof own;
  auto* generic = reinterpret_cast<sockaddr*>(&own);
  const bool found =
      ::connect(socket, to.get(), to.length()) == 0 && ::getsockname(socket, generic, &length) == 0;
  ::close(socket);
  if (!found) return std::nullopt;
  const auto* bytes = reinterpret_cast<const uint8_t*>(&own);
  if (generic->sa_family == AF_INET) {
    return IpAddress::V4(std::span<const uint8_t, 4>(bytes + offsetof(sockaddr_in, sin_addr), 4));
  }
  return IpAddress::V6(std::span<const uint8_t, 16>(bytes + offsetof(sockaddr_in6, sin6_addr), 16));
}

Expected<void> Sent(ssize_t count, const Way& way) {
  if (count >= 0) return {};
  return Fail(fmt::format("cannot send to {}: {}", ToString(way.backend), Reason()));
}

}  // namespace

Expected<std::unique_ptr<Carrier>> Carrier::Open() {
  // Receives nothing: no protocol is bound.
  const Sockets sockets{.outer4 = ::socket(AF_INET, SOCK_RAW | kFlags, IPPROTO_RAW),
                        .outer6 = ::socket(AF_INET6, SOCK_RAW | kFlags, IPPROTO_RAW),
                        .link = ::socket(AF_PACKET, SOCK_DGRAM | kFlags, 0)};
  const int error = errno;
  auto carrier = std::unique_ptr<Carrier>(new Carrier(sockets));
  if (sockets.outer4 < 0 || sockets.outer6 < 0 || sockets.link < 0) {
    return Fail(
        fmt::format("health checks need raw sockets: {}; run as root or with the "
                    "capability CAP_NET_RAW",
                    std::strerror(error)));
  }
  return carrier;
}

Carrier::~Carrier() {
  for (const int socket : {sockets_.outer4, sockets_.outer6, sockets_.link}) {
    if (socket >= 0) ::close(socket);
  }
}

bool Carrier::Ready(const Way& way) {
  if (way.encap != settings::Encap::kL2) return true;
  const auto neighbour = FindNeighbour(way.backend);
  if (!neighbour) {
    AskForNeighbour(way.backend);
    neighbours_.erase(way.backend);
    return false;
  }
  neighbours_.insert_or_assign(way.backend, *neighbour);
  return true;
}

Expected<void> Carrier::Send(const Way& way, std::span<const uint8_t> packet) {
  return way.encap == settings::Encap::kL2 ? SendOnLink(way, packet) : SendInTunnel(way, packet);
}

Expected<void> Carrier::SendOnLink(const Way& way, std::span<const uint8_t> packet) {
  const auto found = neighbours_.find(way.backend);
  if (found == neighbours_.end()) {
    return Fail(
        fmt::format("no link address of {} is known: it does not answer ARP or neighbour "
                    "discovery on any network of this host",
                    ToString(way.backend)));
  }
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  const uint16_t type = packet[0] >> 4 == 4 ? ETHERTYPE_IP : ETHERTYPE_IPV6;
  StoreBe16(reinterpret_cast<uint8_t*>(&to.sll_protocol), type);
  to.sll_ifindex = found->second.interface;
  to.sll_halen = static_cast<unsigned char>(found->second.mac.bytes.size());
  std::memcpy(to.sll_addr, found->second.mac.bytes.data(), found->second.mac.bytes.size());
  return Sent(::sendto(sockets_.link, packet.data(), packet.size(), 0,
                       reinterpret_cast<const sockaddr*>(&to), sizeof to),
              way);
}

Expected<void> Carrier::SendInTunnel(const Way& way, std::span<const uint8_t> packet) {
  const auto own = OwnAddressTowards(way.backend);
  if (!own) return Fail(fmt::format("no route to {}", ToString(way.backend)));
  const steer::Tunnel tunnel = steer::MakeTunnel(way.encap, *own, way.backend);
  std::vector<uint8_t> outer(tunnel.overhead);
  constexpr uint16_t kFlow = 0;  // a check is one flow; nothing has to be spread
  forward::WriteOuterHeaders(tunnel, kFlow, packet, outer);
  outer.insert(outer.end(), packet.begin(), packet.end());
  const SocketAddress to(way.backend, Port(0));
  const int socket = way.backend.is_v4() ? sockets_.outer4 : sockets_.outer6;
  return Sent(::sendto(socket, outer.data(), outer.size(), 0, to.get(), to.length()), way);
}

}  // namespace joinery::health
