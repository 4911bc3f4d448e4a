#include "lb/forward/outer.h"

#include <cstring>

#include "base/big_endian.h"
#include "lb/steer/encap.h"
#include "wire/gue.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"

namespace joinery::forward {
namespace {

using wire::Ipv4View;
using wire::Ipv6View;

// What the outer headers take from the inner packet, whose header has been parsed before.
struct Inner {
  uint8_t protocol = 0;       // what it is to an IP header around it
  uint8_t traffic_class = 0;  // DSCP and ECN
  uint16_t length = 0;
};

Inner Look(std::span<const uint8_t> packet) noexcept {
  constexpr uint8_t kVersion4 = 4;
  if (packet[0] >> 4 == kVersion4) {
    return {.protocol = wire::kProtocolIpv4,
            .traffic_class = packet[Ipv4View::kTypeOfService],
            .length = LoadBe16(&packet[Ipv4View::kTotalLength])};
  }
  const uint16_t payload = LoadBe16(&packet[Ipv6View::kPayloadLength]);
  return {.protocol = wire::kProtocolIpv6,
          .traffic_class = static_cast<uint8_t>(LoadBe16(&packet[0]) >> 4),
          .length = static_cast<uint16_t>(Ipv6View::kLength + payload)};
}

// The headers are put together in registers and stored by words of eight bytes: wire/ipv4.h and
// wire/ipv6.h, whose Emit is the twin in outer_test.cc, need a store and more for each field.

// RFC 791 section 3.1.
void WriteIpv4(const steer::Tunnel& tunnel, uint8_t protocol, uint8_t traffic_class,
               uint16_t payload, uint8_t* out) noexcept {
  constexpr uint32_t kVersionAndLength = 0x4500;
  constexpr uint32_t kFlags = 0x4000;  // DF
  const uint32_t start = kVersionAndLength | traffic_class;
  const auto length = static_cast<uint16_t>(steer::kOuterIpv4Length + payload);
  const uint32_t middle = uint32_t{kOuterTtl} << 8 | protocol;
  uint32_t sum = start + length + kFlags + middle + tunnel.addresses_sum;
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  const uint64_t checksum = ~sum & 0xffff;
  StoreBe64(out, uint64_t{start} << 48 | uint64_t{length} << 32 | kFlags);
  StoreBe64(out + 8, uint64_t{middle} << 48 | checksum << 32 | LoadBe32(&tunnel.addresses[0]));
  std::memcpy(out + Ipv4View::kDestination, &tunnel.addresses[4], 4);
}

// RFC 8200 section 3.
void WriteIpv6(const steer::Tunnel& tunnel, uint8_t protocol, uint8_t traffic_class,
               uint16_t payload, uint16_t flow, uint8_t* out) noexcept {
  constexpr uint64_t kVersion = 6;
  StoreBe64(out, kVersion << 60 | uint64_t{traffic_class} << 52 | uint64_t{flow} << 32 |
                     uint64_t{payload} << 16 | uint64_t{protocol} << 8 | kOuterTtl);
  std::memcpy(out + Ipv6View::kSource, tunnel.addresses.data(), tunnel.addresses.size());
}

// RFC 768, without a checksum.
void WriteUdp(uint16_t flow, uint16_t length, uint8_t* out) noexcept {
  const auto source = static_cast<uint16_t>(kFirstGueSourcePort | (flow & 0x3fff));
  StoreBe64(out, uint64_t{source} << 48 | uint64_t{wire::kGuePort} << 32 | uint64_t{length} << 16);
}

}  // namespace

void WriteOuterHeaders(const steer::Tunnel& tunnel, uint16_t flow, std::span<const uint8_t> inner,
                       std::span<uint8_t> out) noexcept {
  const Inner packet = Look(inner);
  uint8_t protocol = packet.protocol;
  uint16_t payload = packet.length;
  if (tunnel.gue) {
    protocol = wire::kProtocolUdp;
    payload = static_cast<uint16_t>(payload + steer::kOuterUdpLength);
    WriteUdp(flow, payload, out.last<steer::kOuterUdpLength>().data());
  }
  if (tunnel.outer_is_v4) {
    WriteIpv4(tunnel, protocol, packet.traffic_class, payload, out.data());
  } else {
    WriteIpv6(tunnel, protocol, packet.traffic_class, payload, flow, out.data());
  }
}

}  // namespace joinery::forward
