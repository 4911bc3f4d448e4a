// The Internet checksum (RFC 1071) and its incremental update (RFC 1624). Sums are kept in host
// order of big-endian words; what is stored in a header is the complement.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/ip_address.h"

namespace joinery::wire {

// The one's complement sum of the bytes as big-endian 16-bit words, not complemented; an odd last
// byte is padded with a zero (RFC 1071 section 4.1). `initial` is an earlier sum of an even number
// of bytes.
[[nodiscard]] uint16_t OnesComplementSum(std::span<const uint8_t> bytes,
                                         uint16_t initial = 0) noexcept;

// The checksum field of an IPv4 header whose field holds zero; 0 when a filled header is right.
[[nodiscard]] inline uint16_t InternetChecksum(std::span<const uint8_t> bytes) noexcept {
  return static_cast<uint16_t>(~OnesComplementSum(bytes));
}

// The checksum of TCP, UDP or ICMPv6 with its pseudo header (RFC 9293 section 3.1, RFC 8200 section
// 8.1). Both addresses are of one family; `segment` is the header with a zero checksum and the
// payload, at most 65,535 bytes. UDP stores a result of 0 as 0xffff (RFC 768): the caller's part.
[[nodiscard]] uint16_t TransportChecksum(const IpAddress& source, const IpAddress& destination,
                                         uint8_t protocol,
                                         std::span<const uint8_t> segment) noexcept;

// The checksum after one 16-bit word of what it covers has changed: RFC 1624 equation 3,
// HC' = ~(~HC + ~m + m').
[[nodiscard]] inline uint16_t UpdateChecksum(uint16_t checksum, uint16_t before,
                                             uint16_t after) noexcept {
  uint32_t sum = static_cast<uint16_t>(~checksum);
  sum += static_cast<uint16_t>(~before);
  sum += after;
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

}  // namespace joinery::wire
