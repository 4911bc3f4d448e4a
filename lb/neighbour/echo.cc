#include "lb/neighbour/echo.h"

#include "base/big_endian.h"
#include "wire/checksum.h"
#include "wire/ipv4.h"
#include "wire/reply/icmp_reply.h"

namespace joinery::neighbour {
namespace {

bool ChecksumIsRight(const wire::PacketView& packet) {
  return packet.family == IpFamily::kIpv4
             ? wire::InternetChecksum(packet.l4()) == 0
             : wire::TransportChecksum(packet.source, packet.destination, wire::kProtocolIcmpv6,
                                       packet.l4()) == 0;
}

}  // namespace

bool IsEchoRequest(const wire::PacketView& packet) noexcept {
  if (packet.kind != wire::PacketKind::kIcmp || packet.l4().size() < wire::IcmpView::kLength)
    return false;
  const uint8_t request = packet.family == IpFamily::kIpv4 ? wire::kIcmpEcho : wire::kIcmpv6Echo;
  return packet.l4()[0] == request && packet.l4()[1] == 0;
}

Reaction HandleEcho(const Identity& identity, const wire::PacketView& packet,
                    std::span<uint8_t> reply) {
  if (!identity.Echoes(packet.destination)) return {Outcome::kIgnored};
  if (packet.source.IsMulticast() || packet.source.IsUnspecified() || !ChecksumIsRight(packet)) {
    return {Outcome::kMalformed};
  }
  const std::span<const uint8_t> request = packet.l4();
  const wire::IcmpFields head{
      .type = packet.family == IpFamily::kIpv4 ? wire::kIcmpEchoReply : wire::kIcmpv6EchoReply,
      .rest_of_header = LoadBe32(&request[wire::IcmpView::kRestOfHeader])};
  const size_t length = wire::EmitIcmpReply(packet, identity.mac(), head,
                                            request.subspan(wire::IcmpView::kLength), reply);
  return length == 0 ? Reaction{Outcome::kNoBuffer} : Reaction{Outcome::kAnsweredEcho, length};
}

}  // namespace joinery::neighbour
