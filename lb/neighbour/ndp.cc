#include "lb/neighbour/ndp.h"

#include <array>

#include "base/big_endian.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/ndp.h"

namespace joinery::neighbour {
namespace {

constexpr size_t kMessageOffset = wire::EthernetView::kMinLength + wire::Ipv6View::kLength;
static_assert(kNdpFrameLength ==
              kMessageOffset + wire::NdpView::kMinLength + wire::NdpView::kOptionLength);
constexpr uint8_t kHopLimit = 255;  // RFC 4861 section 7.1: what no router has forwarded

const IpAddress& AllNodes() {  // ff02::1, RFC 4291 section 2.7.1
  static constexpr std::array<uint8_t, 16> kBytes = {0xff, 2, 0, 0, 0, 0, 0, 0,
                                                     0,    0, 0, 0, 0, 0, 0, 1};
  static const IpAddress address = IpAddress::V6(kBytes);
  return address;
}

struct Addresses {
  MacAddress mac_source;
  MacAddress mac_destination;
  IpAddress source;
  IpAddress destination;
};

// `fields` has a link layer address: our own, mac_source.
size_t WriteNdp(const Addresses& addresses, const wire::NdpFields& fields, std::span<uint8_t> out) {
  if (out.size() < kNdpFrameLength) return 0;
  wire::EthernetView::Emit({.destination = addresses.mac_destination,
                            .source = addresses.mac_source,
                            .tags = {},
                            .tag_count = 0,
                            .ethertype = wire::kEtherTypeIpv6},
                           out);
  wire::Ipv6View::Emit({.traffic_class = 0,
                        .flow_label = 0,
                        .payload_length = kNdpFrameLength - kMessageOffset,
                        .next_header = wire::kProtocolIcmpv6,
                        .hop_limit = kHopLimit,
                        .source = addresses.source,
                        .destination = addresses.destination},
                       out.subspan<wire::EthernetView::kMinLength, wire::Ipv6View::kLength>());
  const std::span<uint8_t> message = out.subspan(kMessageOffset, kNdpFrameLength - kMessageOffset);
  wire::NdpView::Emit(fields, message);
  StoreBe16(&message[wire::NdpView::kChecksum],
            wire::TransportChecksum(addresses.source, addresses.destination, wire::kProtocolIcmpv6,
                                    message));
  return kNdpFrameLength;
}

Reaction HandleSolicitation(const Identity& identity, Table& table, uint16_t port,
                            const wire::PacketView& packet, const wire::NdpView& ndp, Instant now,
                            std::span<uint8_t> reply) {
  const std::optional<MacAddress> link = ndp.link_layer_address();
  const bool probing = packet.source.IsUnspecified();  // duplicate address detection, RFC 4862
  if (probing && (link || packet.destination != wire::SolicitedNodeMulticast(ndp.target()))) {
    return {Outcome::kMalformed};  // RFC 4861 section 7.1.1
  }
  if (link && link->IsGroup()) return {Outcome::kMalformed};
  if (identity.Resolves(packet.source)) return {Outcome::kConflict};
  if (link) table.Heard(port, packet.source, *link, now);
  if (!identity.Resolves(ndp.target())) return {Outcome::kIgnored};

  // RFC 4861 section 7.2.4. A solicitation to our unicast address may come without the option: then
  // the frame's source is the only link address there is.
  const MacAddress sender = wire::EthernetView::Parse(packet.frame)->source();
  const Addresses to = {
      .mac_source = identity.mac(),
      .mac_destination = probing ? wire::MulticastMac(AllNodes()) : link.value_or(sender),
      .source = ndp.target(),
      .destination = probing ? AllNodes() : packet.source};
  const size_t length = WriteNdp(to,
                                 {.type = wire::kNeighbourAdvertisement,
                                  .router = false,
                                  .solicited = !probing,
                                  .overriding = true,
                                  .target = ndp.target(),
                                  .link_layer_address = identity.mac()},
                                 reply);
  return {length == 0 ? Outcome::kNoBuffer : Outcome::kAnsweredNdp, length};
}

Reaction HandleAdvertisement(const Identity& identity, Table& table, uint16_t port,
                             const wire::PacketView& packet, const wire::NdpView& ndp,
                             Instant now) {
  // RFC 4861 section 7.1.2: "If the IP Destination Address is a multicast address the Solicited
  // flag is zero."
  if (ndp.solicited() && packet.destination.IsMulticast()) return {Outcome::kMalformed};
  if (identity.Resolves(ndp.target())) return {Outcome::kConflict};
  const std::optional<Link> known = table.Find(port, ndp.target());
  if (!known) return {Outcome::kIgnored};
  // Section 7.2.5: an advertisement without the option confirms the address we asked.
  if (!ndp.link_layer_address() && !known->usable()) return {Outcome::kIgnored};
  const MacAddress link = ndp.link_layer_address().value_or(known->mac());
  if (link.IsGroup()) return {Outcome::kMalformed};
  // Without the O flag it must not replace an address that we have.
  if (!ndp.overriding() && known->usable() && known->mac() != link) return {Outcome::kIgnored};
  if (ndp.solicited()) {
    table.Answered(port, ndp.target(), link, now);
  } else {
    table.Heard(port, ndp.target(), link, now);
  }
  return {Outcome::kHeard};
}

}  // namespace

Reaction HandleNdp(const Identity& identity, Table& table, uint16_t port,
                   const wire::PacketView& packet, Instant now, std::span<uint8_t> reply) {
  if (!wire::NdpPacketIsValid(packet)) return {Outcome::kMalformed};
  const auto ndp = wire::NdpView::Parse(packet.l4());
  if (!ndp) return {Outcome::kMalformed};
  if (ndp->type() == wire::kNeighbourSolicitation) {
    return HandleSolicitation(identity, table, port, packet, *ndp, now, reply);
  }
  return HandleAdvertisement(identity, table, port, packet, *ndp, now);
}

size_t WriteNdpProbe(const Identity& identity, const Probe& probe, std::span<uint8_t> out) {
  const std::optional<IpAddress> source = identity.SourceFor(probe.target);
  if (!source) return 0;
  const IpAddress group = wire::SolicitedNodeMulticast(probe.target);
  return WriteNdp({.mac_source = identity.mac(),
                   .mac_destination = probe.unicast.value_or(wire::MulticastMac(group)),
                   .source = *source,
                   .destination = probe.unicast ? probe.target : group},
                  {.type = wire::kNeighbourSolicitation,
                   .router = false,
                   .solicited = false,
                   .overriding = false,
                   .target = probe.target,
                   .link_layer_address = identity.mac()},
                  out);
}

}  // namespace joinery::neighbour
