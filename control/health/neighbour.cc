#include "control/health/neighbour.h"

#include <cstring>
#include <memory>
#include <netlink/netlink.h>
#include <netlink/route/neighbour.h>
#include <unistd.h>

#include <sys/socket.h>

#include "control/health/socket_address.h"

namespace joinery::health {
namespace {

constexpr uint16_t kDiscardPort = 9;
constexpr size_t kMacBytes = 6;

using Socket = std::unique_ptr<nl_sock, decltype(&nl_socket_free)>;
using Cache = std::unique_ptr<nl_cache, decltype(&nl_cache_free)>;

bool Usable(int state) {
  return (state & (NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT)) != 0;
}

bool IsAddress(nl_addr* found, const IpAddress& wanted) {
  const auto bytes = wanted.bytes();
  return found != nullptr && nl_addr_get_len(found) == bytes.size() &&
         std::memcmp(nl_addr_get_binary_addr(found), bytes.data(), bytes.size()) == 0;
}

}  // namespace

std::optional<Neighbour> FindNeighbour(const IpAddress& address) {
  const Socket socket(nl_socket_alloc(), nl_socket_free);
  if (!socket || nl_connect(socket.get(), NETLINK_ROUTE) < 0) return std::nullopt;
  nl_cache* filled = nullptr;
  if (rtnl_neigh_alloc_cache(socket.get(), &filled) < 0) return std::nullopt;
  const Cache cache(filled, nl_cache_free);
  for (nl_object* at = nl_cache_get_first(filled); at != nullptr; at = nl_cache_get_next(at)) {
    auto* entry = reinterpret_cast<rtnl_neigh*>(at);
    nl_addr* link = rtnl_neigh_get_lladdr(entry);
    if (!IsAddress(rtnl_neigh_get_dst(entry), address) || !Usable(rtnl_neigh_get_state(entry)) ||
        link == nullptr || nl_addr_get_len(link) != kMacBytes) {
      continue;
    }
    Neighbour neighbour{.interface = rtnl_neigh_get_ifindex(entry), .mac = {}};
    std::memcpy(neighbour.mac.bytes.data(), nl_addr_get_binary_addr(link), kMacBytes);
    return neighbour;
  }
  return std::nullopt;
}

void AskForNeighbour(const IpAddress& address) {
  const SocketAddress to(address, Port(kDiscardPort));
  const int socket = ::socket(to.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return;
  static_cast<void>(::sendto(socket, nullptr, 0, MSG_DONTWAIT, to.get(), to.length()));
  ::close(socket);
}

}  // namespace joinery::health
