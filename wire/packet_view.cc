#include "wire/packet_view.h"

#include <algorithm>

#include "wire/arp.h"
#include "wire/ethernet.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/ipv6_extensions.h"
#include "wire/udp.h"

namespace joinery::wire {
namespace {

using Result = Expected<PacketView, ParseError>;

// Common to ICMPv4 (RFC 792) and ICMPv6 (RFC 4443): type, code, checksum and 4 bytes more.
constexpr size_t kIcmpHeader = 8;

Result Error(ParseError inner, size_t base) noexcept {
  inner.offset = static_cast<uint16_t>(inner.offset + base);
  return unexpected(inner);
}

Result ParseTcp(PacketView& view) noexcept {
  const auto tcp = TcpView::Parse(view.l4());
  if (!tcp) return Error(tcp.error(), view.l4_offset);
  view.kind = PacketKind::kTcp;
  view.tcp_flags = tcp->flags();
  view.source_port = tcp->source_port();
  view.destination_port = tcp->destination_port();
  view.payload_offset = static_cast<uint16_t>(view.l4_offset + tcp->header_length());
  return view;
}

Result ParseUdp(PacketView& view) noexcept {
  const auto udp = UdpView::Parse(view.l4());
  if (!udp) return Error(udp.error(), view.l4_offset);
  view.kind = PacketKind::kUdp;
  view.source_port = udp->source_port();
  view.destination_port = udp->destination_port();
  view.payload_offset = static_cast<uint16_t>(view.l4_offset + UdpView::kLength);
  return view;
}

Result ParseIcmp(PacketView& view) noexcept {
  const size_t length = view.l4().size();
  if (length < kIcmpHeader) {
    return Error({ParseReason::kTruncated, static_cast<uint16_t>(length)}, view.l4_offset);
  }
  view.kind = PacketKind::kIcmp;
  view.payload_offset = static_cast<uint16_t>(view.l4_offset + kIcmpHeader);
  return view;
}

// ip_offset, ip_length, l4_offset and protocol are set.
Result ParseLayer4(PacketView& view, bool fragment) noexcept {
  view.payload_offset = view.l4_offset;
  if (fragment) {
    view.kind = PacketKind::kFragment;
    return view;
  }
  const uint8_t icmp = view.family == IpFamily::kIpv4 ? kProtocolIcmp : kProtocolIcmpv6;
  if (view.protocol == kProtocolTcp) return ParseTcp(view);
  if (view.protocol == kProtocolUdp) return ParseUdp(view);
  if (view.protocol == icmp) return ParseIcmp(view);
  view.kind = PacketKind::kOtherIp;
  return view;
}

Result ParseIpv4(PacketView& view) noexcept {
  const auto ip = Ipv4View::Parse(view.frame.subspan(view.ip_offset));
  if (!ip) return Error(ip.error(), view.ip_offset);
  view.family = IpFamily::kIpv4;
  view.protocol = ip->protocol();
  view.ttl = ip->time_to_live();
  view.ip_length = ip->total_length();
  view.l4_offset = static_cast<uint16_t>(view.ip_offset + ip->header_length());
  view.source = ip->source();
  view.destination = ip->destination();
  return ParseLayer4(view, ip->is_fragment());
}

Result ParseIpv6(PacketView& view) noexcept {
  const auto ip = Ipv6View::Parse(view.frame.subspan(view.ip_offset));
  if (!ip) return Error(ip.error(), view.ip_offset);
  const size_t after_fixed = view.ip_offset + Ipv6View::kLength;
  const auto upper = WalkIpv6Extensions(ip->next_header(), ip->payload());
  if (!upper) return Error(upper.error(), after_fixed);
  view.family = IpFamily::kIpv6;
  view.protocol = upper->protocol;
  view.ttl = ip->hop_limit();
  view.ip_length = static_cast<uint16_t>(Ipv6View::kLength + ip->payload_length());
  view.l4_offset = static_cast<uint16_t>(after_fixed + upper->offset);
  view.source = ip->source();
  view.destination = ip->destination();
  return ParseLayer4(view, upper->fragment);
}

// Neither IP: the offsets all point behind the Ethernet header, so every accessor stays total.
Result ParseOther(PacketView& view, PacketKind kind) noexcept {
  view.kind = kind;
  view.ip_length =
      static_cast<uint16_t>(std::min<size_t>(view.frame.size() - view.ip_offset, UINT16_MAX));
  view.l4_offset = view.ip_offset;
  view.payload_offset = view.ip_offset;
  return view;
}

}  // namespace

Result ParseFrame(std::span<const uint8_t> frame) noexcept {
  const auto ethernet = EthernetView::Parse(frame);
  if (!ethernet) return unexpected(ethernet.error());
  PacketView view;
  view.frame = frame;
  view.ip_offset = static_cast<uint16_t>(ethernet->header_length());
  switch (ethernet->ethertype()) {
    case kEtherTypeIpv4:
      return ParseIpv4(view);
    case kEtherTypeIpv6:
      return ParseIpv6(view);
    case kEtherTypeArp: {
      const auto arp = ArpView::Parse(frame.subspan(view.ip_offset));
      if (!arp) return Error(arp.error(), view.ip_offset);
      return ParseOther(view, PacketKind::kArp);
    }
    default:
      return ParseOther(view, PacketKind::kOther);
  }
}

}  // namespace joinery::wire
