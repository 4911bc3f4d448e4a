#include "settings/host_address.h"

#include <array>

namespace joinery::settings {
namespace {

struct Special {
  std::string_view prefix;
  std::string_view what;
};

// RFC 6890's registry, as far as a host of a network cannot have the address.
constexpr Special kSpecial[] = {
    {"0.0.0.0/8", "an address of \"this network\" (RFC 1122 section 3.2.1.3)"},
    {"127.0.0.0/8", "a loopback address"},
    {"169.254.0.0/16", "a link-local address (RFC 3927)"},
    {"224.0.0.0/4", "a multicast address"},
    {"240.0.0.0/4", "a reserved or broadcast address (RFC 1112 section 4)"},
    {"::/128", "the unspecified address"},
    {"::1/128", "a loopback address"},
    {"::ffff:0:0/96", "an IPv4-mapped address; write it as IPv4"},
    {"fe80::/10", "a link-local address (RFC 4291 section 2.5.6)"},
    {"ff00::/8", "a multicast address"},
};

constexpr uint8_t kShortestWithoutBroadcast = 31;  // RFC 3021: both addresses of a /31 are hosts

}  // namespace

std::optional<std::string_view> WhyNoHost(const IpAddress& address) {
  for (const Special& special : kSpecial) {
    if (IpPrefix::Parse(special.prefix)->Contains(address)) return special.what;
  }
  return std::nullopt;
}

std::optional<std::string_view> WhyNotOn(const IpPrefix& subnet, const IpAddress& address) {
  if (!address.is_v4() || !subnet.Contains(address)) return std::nullopt;
  if (subnet.length >= kShortestWithoutBroadcast) return std::nullopt;
  const std::span<const uint8_t> bytes = address.bytes();
  const uint32_t value = uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 |
                         uint32_t{bytes[2]} << 8 | uint32_t{bytes[3]};
  const uint32_t host_mask = 0xffff'ffffU >> subnet.length;
  if ((value & host_mask) == 0) return "the subnet's network address";
  if ((value & host_mask) == host_mask) return "the subnet's broadcast address";
  return std::nullopt;
}

}  // namespace joinery::settings
