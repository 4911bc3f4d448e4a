// What each way to a backend puts in front of a packet: how many bytes, and whatever of them is the
// same for every packet. docs/protocol.md section 7.
#pragma once

#include <array>
#include <cstddef>
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

// All that lb/forward asks of a backend for each packet.
struct alignas(64) Tunnel {
  // Source and destination as they lie in the outer IP header; zeros behind IPv4's.
  std::array<uint8_t, 32> addresses{};
  uint16_t addresses_sum = 0;  // of an IPv4 header's (wire/checksum.h)
  uint8_t overhead = 0;        // EncapOverhead; 0: l2
  bool outer_is_v4 = false;
  bool gue = false;
};
static_assert(sizeof(Tunnel) == 64, "to forward a packet touches one line of its backend");

// `source` and `destination` are of one family.
[[nodiscard]] Tunnel MakeTunnel(settings::Encap encap, const IpAddress& source,
                                const IpAddress& destination) noexcept;

}  // namespace joinery::steer
