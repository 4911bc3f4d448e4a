// An address and a port, as one listens on it or connects to it: "198.18.0.1:7443" or
// "[2001:db8::1]:7443" (RFC 3986 section 3.2.2: brackets, since an IPv6 address has colons itself).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/ip_address.h"

namespace joinery {

struct Endpoint {
  IpAddress address;
  Port port;  // not 0

  // Nothing else is taken: no name, no zone, no leading zeros.
  [[nodiscard]] static std::optional<Endpoint> Parse(std::string_view text);

  friend bool operator==(const Endpoint&, const Endpoint&) noexcept = default;
};

[[nodiscard]] std::string ToString(const Endpoint& endpoint);

}  // namespace joinery
