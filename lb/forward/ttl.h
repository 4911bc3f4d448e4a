// One hop less to live: IPv4's TTL with its checksum (RFC 1812 section 5.2.3, RFC 1624), IPv6's hop
// limit (RFC 8200 section 3).
#pragma once

#include <cstdint>
#include <span>

#include "base/big_endian.h"
#include "wire/checksum.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"

namespace joinery::forward {

// `packet` begins with a whole IPv4 or IPv6 header whose TTL or hop limit is at least 1.
inline void DecrementTtl(std::span<uint8_t> packet) noexcept {
  using wire::Ipv4View;
  constexpr uint8_t kVersion6 = 6;
  if (packet[0] >> 4 == kVersion6) {
    --packet[wire::Ipv6View::kHopLimit];
    return;
  }
  // The checksum's word is TTL and protocol.
  const uint16_t before = LoadBe16(&packet[Ipv4View::kTimeToLive]);
  const auto after = static_cast<uint16_t>(before - 0x100);
  StoreBe16(&packet[Ipv4View::kTimeToLive], after);
  uint8_t* checksum = &packet[Ipv4View::kHeaderChecksum];
  StoreBe16(checksum, wire::UpdateChecksum(LoadBe16(checksum), before, after));
}

}  // namespace joinery::forward
