// Which neighbour a packet to an address is handed to, and through which port: the port on whose
// subnet the address lies (the longest prefix wins), else the first port with a gateway of its
// family.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/ip_address.h"
#include "settings/config.h"

namespace joinery::steer {

struct Route {
  IpAddress neighbour;  // the address itself when it is on a subnet
  IpAddress source;     // the port's own address on the neighbour's subnet
  uint16_t port = 0;    // in `ports`
  bool on_link = false;
};

[[nodiscard]] std::optional<Route> FindRoute(std::span<const settings::PortConfig> ports,
                                             const IpAddress& address);

}  // namespace joinery::steer
