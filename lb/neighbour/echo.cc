#include "lb/neighbour/echo.h"

#include <algorithm>

#include "base/big_endian.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"

namespace joinery::neighbour {
namespace {

constexpr uint8_t kV4Request = 8;
constexpr uint8_t kV4Reply = 0;
constexpr uint8_t kV6Request = 128;
constexpr uint8_t kV6Reply = 129;
constexpr size_t kChecksum = 2;
constexpr size_t kMinMessage = 8;
constexpr uint8_t kTtl = 64;

bool ChecksumIsRight(const wire::PacketView& packet) {
  return packet.family == IpFamily::kIpv4
             ? wire::InternetChecksum(packet.l4()) == 0
             : wire::TransportChecksum(packet.source, packet.destination, wire::kProtocolIcmpv6,
                                       packet.l4()) == 0;
}

void WriteIp(const wire::PacketView& request, std::span<uint8_t> ip) {
  if (request.family == IpFamily::kIpv6) {
    wire::Ipv6View::Emit(
        {.traffic_class = 0,
         .flow_label = 0,
         .payload_length = static_cast<uint16_t>(ip.size() - wire::Ipv6View::kLength),
         .next_header = wire::kProtocolIcmpv6,
         .hop_limit = kTtl,
         .source = request.destination,
         .destination = request.source},
        ip.first<wire::Ipv6View::kLength>());
    return;
  }
  // RFC 1122 section 3.2.2.6 wants source routes reversed; nobody accepts them today, so options
  // are left out.
  wire::Ipv4Fields fields{.type_of_service = 0,
                          .total_length = static_cast<uint16_t>(ip.size()),
                          .identification = 0,
                          .flags = wire::Ipv4View::kDontFragment,
                          .fragment_offset = 0,
                          .time_to_live = kTtl,
                          .protocol = wire::kProtocolIcmp,
                          .header_checksum = 0,
                          .source = request.destination,
                          .destination = request.source,
                          .options = {}};
  wire::Ipv4View::Emit(fields, ip);
  fields.header_checksum = wire::InternetChecksum(ip.first(wire::Ipv4View::kMinLength));
  wire::Ipv4View::Emit(fields, ip);
}

void WriteMessage(const wire::PacketView& request, std::span<uint8_t> message) {
  std::ranges::copy(request.l4(), message.begin());
  const bool v4 = request.family == IpFamily::kIpv4;
  message[0] = v4 ? kV4Reply : kV6Reply;
  StoreBe16(&message[kChecksum], 0);
  StoreBe16(&message[kChecksum], v4 ? wire::InternetChecksum(message)
                                    : wire::TransportChecksum(request.destination, request.source,
                                                              wire::kProtocolIcmpv6, message));
}

}  // namespace

bool IsEchoRequest(const wire::PacketView& packet) noexcept {
  if (packet.kind != wire::PacketKind::kIcmp || packet.l4().size() < kMinMessage) return false;
  const uint8_t request = packet.family == IpFamily::kIpv4 ? kV4Request : kV6Request;
  return packet.l4()[0] == request && packet.l4()[1] == 0;
}

Reaction HandleEcho(const Identity& identity, const wire::PacketView& packet,
                    std::span<uint8_t> reply) {
  if (!identity.Echoes(packet.destination)) return {Outcome::kIgnored};
  if (packet.source.IsMulticast() || packet.source.IsUnspecified() || !ChecksumIsRight(packet)) {
    return {Outcome::kMalformed};
  }
  const size_t ip_header =
      packet.family == IpFamily::kIpv4 ? wire::Ipv4View::kMinLength : wire::Ipv6View::kLength;
  const size_t message_offset = wire::EthernetView::kMinLength + ip_header;
  const size_t length = message_offset + packet.l4().size();
  if (length > reply.size()) return {Outcome::kNoBuffer};

  const auto ethernet = wire::EthernetView::Parse(packet.frame);
  wire::EthernetView::Emit({.destination = ethernet->source(),
                            .source = identity.mac(),
                            .tags = {},
                            .tag_count = 0,
                            .ethertype = ethernet->ethertype()},
                           reply);
  WriteMessage(packet, reply.subspan(message_offset, packet.l4().size()));
  WriteIp(packet,
          reply.subspan(wire::EthernetView::kMinLength, length - wire::EthernetView::kMinLength));
  return {Outcome::kAnsweredEcho, length};
}

}  // namespace joinery::neighbour
