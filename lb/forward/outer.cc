#include "lb/forward/outer.h"

#include "base/big_endian.h"
#include "lb/steer/encap.h"
#include "wire/checksum.h"
#include "wire/gue.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/udp.h"

namespace joinery::forward {
namespace {

using settings::Encap;
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

void WriteIpv4(const steer::BackendEntry& backend, uint8_t protocol, uint8_t traffic_class,
               uint16_t payload, std::span<uint8_t> out) noexcept {
  const wire::Ipv4Fields fields = {
      .type_of_service = traffic_class,
      .total_length = static_cast<uint16_t>(steer::kOuterIpv4Length + payload),
      .flags = Ipv4View::kDontFragment,
      .time_to_live = kOuterTtl,
      .protocol = protocol,
      .source = backend.source,
      .destination = backend.address};
  Ipv4View::Emit(fields, out);
  const std::span<const uint8_t> header = out.first(steer::kOuterIpv4Length);
  StoreBe16(&out[Ipv4View::kHeaderChecksum], wire::InternetChecksum(header));
}

void WriteIpv6(const steer::BackendEntry& backend, uint8_t protocol, uint8_t traffic_class,
               uint16_t payload, uint16_t flow, std::span<uint8_t> out) noexcept {
  wire::Ipv6View::Emit({.traffic_class = traffic_class,
                        .flow_label = flow,
                        .payload_length = payload,
                        .next_header = protocol,
                        .hop_limit = kOuterTtl,
                        .source = backend.source,
                        .destination = backend.address},
                       out.first<steer::kOuterIpv6Length>());
}

}  // namespace

void WriteOuterHeaders(const steer::BackendEntry& backend, uint16_t flow,
                       std::span<const uint8_t> inner, std::span<uint8_t> out) noexcept {
  const Inner packet = Look(inner);
  const bool gue = backend.encap == Encap::kGue;
  const auto payload =
      static_cast<uint16_t>(packet.length + (gue ? steer::kOuterUdpLength : uint16_t{0}));
  const uint8_t protocol = gue ? wire::kProtocolUdp : packet.protocol;
  if (backend.address.is_v4()) {
    WriteIpv4(backend, protocol, packet.traffic_class, payload, out);
  } else {
    WriteIpv6(backend, protocol, packet.traffic_class, payload, flow, out);
  }
  if (!gue) return;
  const auto source = static_cast<uint16_t>(kFirstGueSourcePort | (flow & 0x3fff));
  wire::UdpView::Emit(
      {.source_port = Port(source), .destination_port = Port(wire::kGuePort), .length = payload},
      out.last<steer::kOuterUdpLength>());
}

}  // namespace joinery::forward
