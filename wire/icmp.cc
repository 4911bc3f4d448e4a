#include "wire/icmp.h"

#include <algorithm>

#include <fmt/format.h>

#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/ipv6_extensions.h"
#include "wire/tcp.h"

namespace joinery::wire {
namespace {

using Result = Expected<QuotedPacket, ParseError>;

tl::unexpected<ParseError> Error(ParseReason reason, size_t offset) noexcept {
  return tl::unexpected(ParseError{reason, static_cast<uint16_t>(offset)});
}

void ReadPorts(QuotedPacket& quoted) noexcept {
  const bool has_ports = quoted.protocol == kProtocolTcp || quoted.protocol == kProtocolUdp;
  if (!has_ports || quoted.l4.size() < 4) return;
  quoted.source_port = Port(LoadBe16(&quoted.l4[0]));
  quoted.destination_port = Port(LoadBe16(&quoted.l4[2]));
  if (quoted.protocol != kProtocolTcp || quoted.l4.size() <= TcpView::kMinLength) return;
  const size_t header = static_cast<size_t>(quoted.l4[TcpView::kDataOffset] >> 4) * 4;
  if (header <= TcpView::kMinLength) return;
  quoted.tcp_options = quoted.l4.subspan(TcpView::kMinLength,
                                         std::min(header, quoted.l4.size()) - TcpView::kMinLength);
}

// Ipv4View would refuse it: the total length is that of the whole packet, the quote is a part.
Result QuotedIpv4(std::span<const uint8_t> bytes) noexcept {
  if (bytes.size() < Ipv4View::kMinLength) return Error(ParseReason::kTruncated, bytes.size());
  if (bytes[0] >> 4 != 4) return Error(ParseReason::kBadIpVersion, 0);
  const size_t header = static_cast<size_t>(bytes[0] & 0x0f) * 4;
  if (header < Ipv4View::kMinLength) return Error(ParseReason::kBadIpHeaderLength, 0);
  if (header > bytes.size()) return Error(ParseReason::kTruncated, bytes.size());
  const size_t total = LoadBe16(&bytes[Ipv4View::kTotalLength]);
  if (total < header) return Error(ParseReason::kBadIpTotalLength, Ipv4View::kTotalLength);
  QuotedPacket quoted{.source = IpAddress::V4(bytes.subspan<Ipv4View::kSource, 4>()),
                      .destination = IpAddress::V4(bytes.subspan<Ipv4View::kDestination, 4>()),
                      .protocol = bytes[Ipv4View::kProtocol]};
  if ((LoadBe16(&bytes[Ipv4View::kFlagsAndOffset]) & 0x1fff) != 0) return quoted;
  quoted.l4 = bytes.first(std::min(total, bytes.size())).subspan(header);
  ReadPorts(quoted);
  return quoted;
}

Result QuotedIpv6(std::span<const uint8_t> bytes) noexcept {
  if (bytes.size() < Ipv6View::kLength) return Error(ParseReason::kTruncated, bytes.size());
  if (bytes[0] >> 4 != 6) return Error(ParseReason::kBadIpVersion, 0);
  const size_t total = Ipv6View::kLength + LoadBe16(&bytes[Ipv6View::kPayloadLength]);
  const std::span<const uint8_t> payload =
      bytes.first(std::min(total, bytes.size())).subspan(Ipv6View::kLength);
  const auto upper = WalkIpv6Extensions(bytes[Ipv6View::kNextHeader], payload);
  if (!upper) {
    return Error(upper.error().reason, Ipv6View::kLength + upper.error().offset);
  }
  QuotedPacket quoted{.source = IpAddress::V6(bytes.subspan<Ipv6View::kSource, 16>()),
                      .destination = IpAddress::V6(bytes.subspan<Ipv6View::kDestination, 16>()),
                      .protocol = upper->protocol};
  if (upper->fragment) return quoted;
  quoted.l4 = payload.subspan(upper->offset);
  ReadPorts(quoted);
  return quoted;
}

std::string EndPoint(const IpAddress& address, const std::optional<Port>& port) {
  if (!port) return ToString(address);
  return fmt::format(fmt::runtime(address.is_v4() ? "{}:{}" : "[{}]:{}"), ToString(address),
                     port->value());
}

std::string ProtocolName(uint8_t protocol) {
  if (protocol == kProtocolTcp) return "tcp";
  if (protocol == kProtocolUdp) return "udp";
  return fmt::format("proto {}", protocol);
}

}  // namespace

bool IcmpView::is_error() const noexcept {
  if (family_ == IpFamily::kIpv6) {
    return type() >= kIcmpv6Unreachable && type() <= kIcmpv6ParameterProblem;
  }
  return type() == kIcmpUnreachable || type() == kIcmpTimeExceeded ||
         type() == kIcmpParameterProblem;
}

std::optional<uint32_t> IcmpView::too_big_mtu() const noexcept {
  if (family_ == IpFamily::kIpv6) {
    if (type() != kIcmpv6PacketTooBig) return std::nullopt;
    return rest_of_header();
  }
  if (type() != kIcmpUnreachable || code() != kIcmpFragmentationNeeded) return std::nullopt;
  return rest_of_header() & 0xffff;  // RFC 1191 section 4: the low 16 bits
}

Expected<QuotedPacket, ParseError> IcmpView::quoted() const noexcept {
  return family_ == IpFamily::kIpv4 ? QuotedIpv4(body()) : QuotedIpv6(body());
}

std::string ToString(const QuotedPacket& quoted) {
  return fmt::format("{} > {} {}", EndPoint(quoted.source, quoted.source_port),
                     EndPoint(quoted.destination, quoted.destination_port),
                     ProtocolName(quoted.protocol));
}

std::string ToString(const IcmpView& icmp) {
  std::string text =
      fmt::format("icmp{} type {} code {}", icmp.family() == IpFamily::kIpv4 ? "v4" : "v6",
                  icmp.type(), icmp.code());
  if (const auto mtu = icmp.too_big_mtu()) text += fmt::format(" mtu {}", *mtu);
  if (!icmp.is_error()) return text;
  const auto quoted = icmp.quoted();
  return text + fmt::format(" [{}]", quoted ? ToString(*quoted) : ToString(quoted.error()));
}

}  // namespace joinery::wire
