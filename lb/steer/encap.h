// How many bytes each way to a backend puts in front of a packet: docs/protocol.md section 7.
#pragma once

#include <cstdint>

#include "base/ip_address.h"
#include "settings/config.h"

namespace joinery::steer {

inline constexpr uint16_t kOuterIpv4Length = 20;
inline constexpr uint16_t kOuterIpv6Length = 40;
inline constexpr uint16_t kOuterUdpLength = 8;  // gue variant 1 has no header of its own
inline constexpr uint16_t kMaxEncapOverhead = kOuterIpv6Length + kOuterUdpLength;

// `outer` is the family of the backend's own address; the inner packet may be of either.
[[nodiscard]] constexpr uint16_t EncapOverhead(settings::Encap encap, IpFamily outer) noexcept {
  if (encap == settings::Encap::kL2) return 0;
  const uint16_t ip = outer == IpFamily::kIpv4 ? kOuterIpv4Length : kOuterIpv6Length;
  const uint16_t udp = encap == settings::Encap::kGue ? kOuterUdpLength : uint16_t{0};
  return static_cast<uint16_t>(ip + udp);
}

}  // namespace joinery::steer
