#include "lb/neighbour/arp.h"

#include "wire/arp.h"
#include "wire/ethernet.h"

namespace joinery::neighbour {
namespace {

static_assert(kArpFrameLength == wire::EthernetView::kMinLength + wire::ArpView::kLength);

size_t WriteArp(const MacAddress& destination, const wire::ArpFields& fields,
                std::span<uint8_t> out) {
  if (out.size() < kArpFrameLength) return 0;
  wire::EthernetView::Emit({.destination = destination,
                            .source = fields.sender_hardware,
                            .tags = {},
                            .tag_count = 0,
                            .ethertype = wire::kEtherTypeArp},
                           out);
  wire::ArpView::Emit(fields,
                      out.subspan<wire::EthernetView::kMinLength, wire::ArpView::kLength>());
  return kArpFrameLength;
}

Reaction Answer(const Identity& identity, const wire::ArpView& request, std::span<uint8_t> reply) {
  const size_t length = WriteArp(request.sender_hardware(),
                                 {.operation = wire::kArpReply,
                                  .sender_hardware = identity.mac(),
                                  .sender_protocol = request.target_protocol(),
                                  .target_hardware = request.sender_hardware(),
                                  .target_protocol = request.sender_protocol()},
                                 reply);
  return {length == 0 ? Outcome::kNoBuffer : Outcome::kAnsweredArp, length};
}

}  // namespace

Reaction HandleArp(const Identity& identity, Table& table, uint16_t port,
                   const wire::PacketView& packet, Instant now, std::span<uint8_t> reply) {
  const auto arp = wire::ArpView::Parse(packet.frame.subspan(packet.ip_offset));
  if (!arp) return {Outcome::kMalformed};
  const MacAddress hardware = arp->sender_hardware();
  const IpAddress sender = arp->sender_protocol();
  // RFC 1812 section 3.3.2: never believe that somebody has a broadcast or multicast link address.
  if (hardware.IsGroup() || hardware == MacAddress{} || sender.IsMulticast()) {
    return {Outcome::kMalformed};
  }
  // RFC 5227 section 2.4: we keep our address and do not learn the other's.
  if (identity.Resolves(sender)) return {Outcome::kConflict};

  const bool to_us = identity.IsOwn(arp->target_protocol());
  if (arp->operation() == wire::kArpReply && to_us && arp->target_hardware() == identity.mac()) {
    table.Answered(port, sender, hardware, now);
    return {Outcome::kHeard};
  }
  // An all-zero sender is the probe of RFC 5227 section 2.1.1: it has no address yet.
  if (!sender.IsUnspecified()) table.Heard(port, sender, hardware, now);
  if (arp->operation() == wire::kArpRequest && identity.Resolves(arp->target_protocol())) {
    return Answer(identity, *arp, reply);
  }
  const bool gratuitous = sender == arp->target_protocol();  // RFC 5227 section 3
  return {gratuitous ? Outcome::kHeard : Outcome::kIgnored};
}

size_t WriteArpProbe(const Identity& identity, const Probe& probe, std::span<uint8_t> out) {
  const std::optional<IpAddress> source = identity.SourceFor(probe.target);
  if (!source) return 0;
  return WriteArp(probe.unicast.value_or(kBroadcastMac),
                  {.operation = wire::kArpRequest,
                   .sender_hardware = identity.mac(),
                   .sender_protocol = *source,
                   .target_hardware = {},
                   .target_protocol = probe.target},
                  out);
}

}  // namespace joinery::neighbour
