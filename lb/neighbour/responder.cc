#include "lb/neighbour/responder.h"

#include "lb/neighbour/arp.h"
#include "lb/neighbour/echo.h"
#include "lb/neighbour/ndp.h"
#include "wire/ethernet.h"
#include "wire/ndp.h"
#include "wire/packet_view.h"

namespace joinery::neighbour {
namespace {

bool IsNdp(const wire::PacketView& packet) {
  if (packet.kind != wire::PacketKind::kIcmp || packet.family != IpFamily::kIpv6) return false;
  if (packet.l4().empty()) return false;
  const uint8_t type = packet.l4()[0];
  return type == wire::kNeighbourSolicitation || type == wire::kNeighbourAdvertisement;
}

// With a tag the IP packet starts later: another VLAN than the port's own, so none of our business.
bool IsUntagged(const wire::PacketView& packet) {
  return packet.ip_offset == wire::EthernetView::kMinLength;
}

}  // namespace

Responder::Responder(Table& table, std::vector<Identity> identities)
    : table_(table), identities_(std::move(identities)) {}

void Responder::SetVirtual(std::span<const IpAddress> addresses) {
  for (Identity& identity : identities_) identity.SetVirtual(addresses);
}

size_t Responder::Handle(uint16_t port, std::span<const uint8_t> frame, Instant now,
                         std::span<uint8_t> reply) {
  const auto packet = wire::ParseFrame(frame);
  Reaction reaction{packet ? Outcome::kIgnored : Outcome::kMalformed};
  if (packet && IsUntagged(*packet)) {
    const Identity& identity = identities_[port];
    if (packet->kind == wire::PacketKind::kArp) {
      reaction = HandleArp(identity, table_, port, *packet, now, reply);
    } else if (IsNdp(*packet)) {
      reaction = HandleNdp(identity, table_, port, *packet, now, reply);
    } else if (IsEchoRequest(*packet)) {
      reaction =
          EchoAllowed(now) ? HandleEcho(identity, *packet, reply) : Reaction{Outcome::kEchoRate};
    }
  }
  ++counts_[static_cast<size_t>(reaction.outcome)];
  return reaction.reply_length;
}

size_t Responder::WriteProbe(const Probe& probe, std::span<uint8_t> out) const {
  const Identity& identity = identities_[probe.port];
  return probe.target.is_v4() ? WriteArpProbe(identity, probe, out)
                              : WriteNdpProbe(identity, probe, out);
}

bool Responder::EchoAllowed(Instant now) noexcept {
  if (now - echo_window_ >= std::chrono::seconds(1)) {
    echo_window_ = now;
    echo_replies_ = 0;
  }
  return echo_replies_++ < kEchoesPerSecond;
}

}  // namespace joinery::neighbour
