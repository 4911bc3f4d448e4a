#include "wire/checksum.h"

#include "base/big_endian.h"

namespace joinery::wire {
namespace {

uint16_t Fold(uint64_t sum) noexcept {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(sum);
}

}  // namespace

uint16_t OnesComplementSum(std::span<const uint8_t> bytes, uint16_t initial) noexcept {
  // 32-bit words into a 64-bit sum: 2^32 of them cannot overflow it, and 2^16 = 1 modulo 0xffff.
  uint64_t sum = initial;
  size_t at = 0;
  for (; at + 4 <= bytes.size(); at += 4) sum += LoadBe32(&bytes[at]);
  for (; at + 2 <= bytes.size(); at += 2) sum += LoadBe16(&bytes[at]);
  if (at < bytes.size()) sum += static_cast<uint64_t>(bytes[at]) << 8;
  return Fold(sum);
}

uint16_t TransportChecksum(const IpAddress& source, const IpAddress& destination, uint8_t protocol,
                           std::span<const uint8_t> segment) noexcept {
  // IPv4 has a 16-bit length and IPv6 a 32-bit one, whose upper half is zero: the sums are equal.
  uint64_t sum = OnesComplementSum(destination.bytes(), OnesComplementSum(source.bytes()));
  sum += protocol;
  sum += segment.size();
  return static_cast<uint16_t>(~OnesComplementSum(segment, Fold(sum)));
}

}  // namespace joinery::wire
