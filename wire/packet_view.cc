#include "wire/packet_view.h"

#include <algorithm>
#include <new>

#include "wire/arp.h"
#include "wire/ethernet.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/ipv6_extensions.h"
#include "wire/udp.h"

namespace joinery::wire {
namespace {

// Common to ICMPv4 (RFC 792) and ICMPv6 (RFC 4443): type, code, checksum and 4 bytes more.
constexpr size_t kIcmpHeader = 8;

// Each step fills the view in place and returns false when it has set `error` instead: copying a
// view, or an optional error, from step to step costs more than the parsing.
bool Fail(ParseError inner, size_t base, ParseError& error) noexcept {
  error = {inner.reason, static_cast<uint16_t>(inner.offset + base)};
  return false;
}

// `make` returns the address, which is built where it stays: a copy would read 16 bytes that were
// just written in parts, and wait for them.
template <typename Make>
void Set(IpAddress& address, const Make& make) noexcept {
  ::new (&address) IpAddress(make());
}

bool ParseTcp(PacketView& view, ParseError& error) noexcept {
  const auto tcp = TcpView::Parse(view.l4());
  if (!tcp) return Fail(tcp.error(), view.l4_offset, error);
  view.kind = PacketKind::kTcp;
  view.tcp_flags = tcp->flags();
  view.source_port = tcp->source_port();
  view.destination_port = tcp->destination_port();
  view.payload_offset = static_cast<uint16_t>(view.l4_offset + tcp->header_length());
  return true;
}

bool ParseUdp(PacketView& view, ParseError& error) noexcept {
  const auto udp = UdpView::Parse(view.l4());
  if (!udp) return Fail(udp.error(), view.l4_offset, error);
  view.kind = PacketKind::kUdp;
  view.source_port = udp->source_port();
  view.destination_port = udp->destination_port();
  view.payload_offset = static_cast<uint16_t>(view.l4_offset + UdpView::kLength);
  return true;
}

bool ParseIcmp(PacketView& view, ParseError& error) noexcept {
  const size_t length = view.l4().size();
  if (length < kIcmpHeader) {
    return Fail({ParseReason::kTruncated, static_cast<uint16_t>(length)}, view.l4_offset, error);
  }
  view.kind = PacketKind::kIcmp;
  view.payload_offset = static_cast<uint16_t>(view.l4_offset + kIcmpHeader);
  return true;
}

// ip_offset, ip_length, l4_offset and protocol are set.
bool ParseLayer4(PacketView& view, bool fragment, ParseError& error) noexcept {
  view.payload_offset = view.l4_offset;
  if (fragment) {
    view.kind = PacketKind::kFragment;
    return true;
  }
  const uint8_t icmp = view.family == IpFamily::kIpv4 ? kProtocolIcmp : kProtocolIcmpv6;
  if (view.protocol == kProtocolTcp) return ParseTcp(view, error);
  if (view.protocol == kProtocolUdp) return ParseUdp(view, error);
  if (view.protocol == icmp) return ParseIcmp(view, error);
  view.kind = PacketKind::kOtherIp;
  return true;
}

bool ParseIpv4(PacketView& view, ParseError& error) noexcept {
  const auto ip = Ipv4View::Parse(view.frame.subspan(view.ip_offset));
  if (!ip) return Fail(ip.error(), view.ip_offset, error);
  view.family = IpFamily::kIpv4;
  view.protocol = ip->protocol();
  view.ttl = ip->time_to_live();
  view.ip_length = ip->total_length();
  view.l4_offset = static_cast<uint16_t>(view.ip_offset + ip->header_length());
  Set(view.source, [&] { return ip->source(); });
  Set(view.destination, [&] { return ip->destination(); });
  return ParseLayer4(view, ip->is_fragment(), error);
}

bool ParseIpv6(PacketView& view, ParseError& error) noexcept {
  const auto ip = Ipv6View::Parse(view.frame.subspan(view.ip_offset));
  if (!ip) return Fail(ip.error(), view.ip_offset, error);
  const size_t after_fixed = view.ip_offset + Ipv6View::kLength;
  Ipv6Upper upper{.protocol = ip->next_header()};
  if (IsIpv6Extension(upper.protocol)) {
    const auto walked = WalkIpv6Extensions(upper.protocol, ip->payload());
    if (!walked) return Fail(walked.error(), after_fixed, error);
    upper = *walked;
  }
  view.family = IpFamily::kIpv6;
  view.protocol = upper.protocol;
  view.ttl = ip->hop_limit();
  view.ip_length = static_cast<uint16_t>(Ipv6View::kLength + ip->payload_length());
  view.l4_offset = static_cast<uint16_t>(after_fixed + upper.offset);
  Set(view.source, [&] { return ip->source(); });
  Set(view.destination, [&] { return ip->destination(); });
  return ParseLayer4(view, upper.fragment, error);
}

// Neither IP: the offsets all point behind the Ethernet header, so every accessor stays total.
bool ParseOther(PacketView& view, PacketKind kind) noexcept {
  view.kind = kind;
  view.ip_length =
      static_cast<uint16_t>(std::min<size_t>(view.frame.size() - view.ip_offset, UINT16_MAX));
  view.l4_offset = view.ip_offset;
  view.payload_offset = view.ip_offset;
  return true;
}

}  // namespace

bool ParseFrameInto(std::span<const uint8_t> frame, PacketView& view, ParseError& error) noexcept {
  const auto ethernet = EthernetView::Parse(frame);
  if (!ethernet) return Fail(ethernet.error(), 0, error);
  view.frame = frame;
  view.ip_offset = static_cast<uint16_t>(ethernet->header_length());
  switch (ethernet->ethertype()) {
    case kEtherTypeIpv4:
      return ParseIpv4(view, error);
    case kEtherTypeIpv6:
      return ParseIpv6(view, error);
    case kEtherTypeArp: {
      const auto arp = ArpView::Parse(frame.subspan(view.ip_offset));
      if (!arp) return Fail(arp.error(), view.ip_offset, error);
      return ParseOther(view, PacketKind::kArp);
    }
    default:
      return ParseOther(view, PacketKind::kOther);
  }
}

Expected<PacketView, ParseError> ParseFrame(std::span<const uint8_t> frame) noexcept {
  Expected<PacketView, ParseError> result;
  ParseError error;
  if (!ParseFrameInto(frame, *result, error)) result = unexpected(error);
  return result;
}

}  // namespace joinery::wire
