#include "wire/packet_text.h"

#include <fmt/format.h>

#include "wire/arp.h"
#include "wire/ethernet.h"
#include "wire/icmp.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/ndp.h"
#include "wire/tcp_option_text.h"

namespace joinery::wire {
namespace {

// The address and port of one end; IPv6 in brackets, so that the port shows.
std::string EndPoint(const IpAddress& address, Port port) {
  if (address.is_v4()) return fmt::format("{}:{}", ToString(address), port.value());
  return fmt::format("[{}]:{}", ToString(address), port.value());
}

std::string EndPoints(const PacketView& packet) {
  return fmt::format("{} > {}", EndPoint(packet.source, packet.source_port),
                     EndPoint(packet.destination, packet.destination_port));
}

std::string Addresses(const PacketView& packet) {
  return fmt::format("{} > {}", ToString(packet.source), ToString(packet.destination));
}

// In the order of tcpdump and packetdrill.
std::string FlagsText(uint8_t flags) {
  constexpr struct {
    uint8_t bit;
    char letter;
  } kLetters[] = {{kFin, 'F'}, {kSyn, 'S'}, {kRst, 'R'}, {kPsh, 'P'},
                  {kAck, '.'}, {kUrg, 'U'}, {kEce, 'E'}, {kCwr, 'W'}};
  std::string text;
  for (const auto& [bit, letter] : kLetters) {
    if ((flags & bit) != 0) text += letter;
  }
  return text.empty() ? "-" : text;
}

std::string TcpText(const PacketView& packet) {
  const auto tcp = TcpView::Parse(packet.l4());
  if (!tcp) return ToString(tcp.error());  // ParseFrame has checked: only for a hand-made view
  const size_t length = tcp->payload().size();
  const uint32_t start = tcp->sequence_number().value();
  std::string text = fmt::format("{} {} {}:{}({})", EndPoints(packet), FlagsText(tcp->flags()),
                                 start, start + static_cast<uint32_t>(length), length);
  if ((tcp->flags() & kAck) != 0) {
    text += fmt::format(" ack {}", tcp->acknowledgment_number().value());
  }
  text += fmt::format(" win {}", tcp->window());
  const std::string options = OptionsToString(tcp->options(), RoleOf(tcp->flags(), length != 0));
  return options.empty() ? text : text + " " + options;
}

std::string IcmpText(const PacketView& packet) {
  const auto icmp = IcmpView::Parse(packet.family, packet.l4());
  if (!icmp) return ToString(icmp.error());
  if (packet.family == IpFamily::kIpv6 &&
      (icmp->type() == kNeighbourSolicitation || icmp->type() == kNeighbourAdvertisement)) {
    const auto ndp = NdpView::Parse(packet.l4());
    return fmt::format("{} {}", Addresses(packet), ndp ? ToString(*ndp) : ToString(ndp.error()));
  }
  return fmt::format("{} {}", Addresses(packet), ToString(*icmp));
}

std::string IpText(const PacketView& packet) {
  if (packet.family == IpFamily::kIpv4) {
    const auto ip = Ipv4View::Parse(packet.ip());
    return ip ? ToString(*ip) : ToString(ip.error());
  }
  const auto ip = Ipv6View::Parse(packet.ip());
  const char* fragment = packet.kind == PacketKind::kFragment ? " fragment" : "";
  return ip ? ToString(*ip) + fragment : ToString(ip.error());
}

std::string KindText(const PacketView& packet, const EthernetView& ethernet) {
  switch (packet.kind) {
    case PacketKind::kTcp:
      return TcpText(packet);
    case PacketKind::kUdp:
      return fmt::format("{} udp ({})", EndPoints(packet), packet.payload().size());
    case PacketKind::kIcmp:
      return IcmpText(packet);
    case PacketKind::kFragment:
    case PacketKind::kOtherIp:
      return IpText(packet);
    case PacketKind::kArp: {
      const auto arp = ArpView::Parse(packet.ip());
      return arp ? ToString(*arp) : ToString(arp.error());
    }
    case PacketKind::kOther:
      break;
  }
  return ToString(ethernet);
}

}  // namespace

std::string ToString(const PacketView& packet) {
  const auto ethernet = EthernetView::Parse(packet.frame);
  if (!ethernet) return ToString(ethernet.error());
  std::string tags;
  if (packet.kind != PacketKind::kOther) {
    for (size_t i = 0; i < ethernet->tag_count(); ++i) {
      tags += fmt::format("vlan {}: ", ethernet->tag(i).vlan_id());
    }
  }
  return tags + KindText(packet, *ethernet);
}

}  // namespace joinery::wire
