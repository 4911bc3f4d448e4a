// Which addresses a host can have on a network: unicast, of global or private scope.
#pragma once

#include <optional>
#include <string_view>

#include "base/ip_address.h"

namespace joinery::settings {

// Why no port, VIP, gateway or backend can have the address ("a multicast address"); nothing when
// one can.
[[nodiscard]] std::optional<std::string_view> WhyNoHost(const IpAddress& address);

// Why nothing on the subnet can have it: the IPv4 network and broadcast addresses.
[[nodiscard]] std::optional<std::string_view> WhyNotOn(const IpPrefix& subnet,
                                                       const IpAddress& address);

}  // namespace joinery::settings
