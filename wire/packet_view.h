// One received frame, parsed once: where its headers are and the few fields that steering reads.
// ParseFrame is the only door; it does the whole check of Ethernet, IP, TCP, UDP and ICMP headers
// (not of TCP options: wire/tcp_option.h), so afterwards every offset here lies inside the frame.
// The view borrows: it dies with the bytes.
#pragma once

#include <cstdint>
#include <span>

#include "base/expected.h"
#include "base/ids.h"
#include "base/ip_address.h"
#include "wire/parse_error.h"
#include "wire/tcp.h"

namespace joinery::wire {

enum class PacketKind : uint8_t {
  kTcp,
  kUdp,
  kIcmp,      // ICMPv4 or ICMPv6, neighbour discovery included
  kFragment,  // not a whole IP packet: the fields of layer 4 are not set
  kOtherIp,   // another protocol above IP
  kArp,
  kOther,  // neither IP nor ARP
};

struct PacketView {
  std::span<const uint8_t> frame;  // from the Ethernet header; padding after the IP packet included
  PacketKind kind = PacketKind::kOther;
  IpFamily family = IpFamily::kIpv4;
  uint8_t protocol = 0;  // IP protocol number after extension headers
  uint8_t ttl = 0;       // TTL or hop limit
  uint8_t tcp_flags = 0;
  uint16_t ip_offset = 0;       // from the start of the frame: behind Ethernet and VLAN tags
  uint16_t ip_length = 0;       // of the whole IP packet, header included
  uint16_t l4_offset = 0;       // from the start of the frame
  uint16_t payload_offset = 0;  // what follows the TCP, UDP or ICMP header
  IpAddress source;
  IpAddress destination;
  Port source_port;  // TCP and UDP
  Port destination_port;

  [[nodiscard]] std::span<const uint8_t> ip() const noexcept {
    return frame.subspan(ip_offset, ip_length);
  }
  [[nodiscard]] std::span<const uint8_t> l4() const noexcept {
    return ip().subspan(static_cast<size_t>(l4_offset - ip_offset));
  }
  [[nodiscard]] std::span<const uint8_t> payload() const noexcept {
    return ip().subspan(static_cast<size_t>(payload_offset - ip_offset));
  }
  // The TCP option list; empty for everything else.
  [[nodiscard]] std::span<const uint8_t> tcp_options() const noexcept {
    if (kind != PacketKind::kTcp) return {};
    return frame.subspan(l4_offset + TcpView::kMinLength,
                         payload_offset - l4_offset - TcpView::kMinLength);
  }
  // A SYN that opens: SYN set, ACK clear.
  [[nodiscard]] bool is_syn() const noexcept { return (tcp_flags & (kSyn | kAck)) == kSyn; }
};

// Never reads past the frame and never allocates. What is not IP or ARP is a value (kOther), what
// claims to be and is broken is an error.
[[nodiscard]] Expected<PacketView, ParseError> ParseFrame(std::span<const uint8_t> frame) noexcept;

// The same into a view that is as a new one, for whoever would copy it there: a copy costs more
// than the parsing. True, or `error` says why not; `view` then means nothing.
[[nodiscard]] bool ParseFrameInto(std::span<const uint8_t> frame, PacketView& view,
                                  ParseError& error) noexcept;

}  // namespace joinery::wire
