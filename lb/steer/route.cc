#include "lb/steer/route.h"

namespace joinery::steer {

std::optional<Route> FindRoute(std::span<const settings::PortConfig> ports,
                               const IpAddress& address) {
  std::optional<Route> route;
  uint8_t longest = 0;
  for (uint16_t port = 0; port < ports.size(); ++port) {
    for (const IpPrefix& subnet : ports[port].addresses) {
      if (!subnet.Contains(address) || (route && subnet.length <= longest)) continue;
      route = Route{.neighbour = address, .port = port, .on_link = true};
      longest = subnet.length;
    }
  }
  if (route) return route;
  for (uint16_t port = 0; port < ports.size(); ++port) {
    for (const IpAddress& gateway : ports[port].gateways) {
      if (gateway.family() == address.family()) {
        return Route{.neighbour = gateway, .port = port, .on_link = false};
      }
    }
  }
  return std::nullopt;
}

}  // namespace joinery::steer
