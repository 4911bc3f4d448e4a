#include "lb/steer/route.h"

namespace joinery::steer {
namespace {

struct OnLink {
  uint16_t port = 0;
  const IpPrefix* subnet = nullptr;  // none: the address is on no subnet
};

OnLink FindSubnet(std::span<const settings::PortConfig> ports, const IpAddress& address) {
  OnLink best;
  for (uint16_t port = 0; port < ports.size(); ++port) {
    for (const IpPrefix& subnet : ports[port].addresses) {
      if (!subnet.Contains(address)) continue;
      if (best.subnet == nullptr || subnet.length > best.subnet->length) best = {port, &subnet};
    }
  }
  return best;
}

}  // namespace

std::optional<Route> FindRoute(std::span<const settings::PortConfig> ports,
                               const IpAddress& address) {
  if (const OnLink own = FindSubnet(ports, address); own.subnet != nullptr) {
    return Route{
        .neighbour = address, .source = own.subnet->address, .port = own.port, .on_link = true};
  }
  for (uint16_t port = 0; port < ports.size(); ++port) {
    for (const IpAddress& gateway : ports[port].gateways) {
      const OnLink to_gateway = FindSubnet(ports.subspan(port, 1), gateway);
      if (gateway.family() == address.family() && to_gateway.subnet != nullptr) {
        return Route{.neighbour = gateway,
                     .source = to_gateway.subnet->address,
                     .port = port,
                     .on_link = false};
      }
    }
  }
  return std::nullopt;
}

}  // namespace joinery::steer
