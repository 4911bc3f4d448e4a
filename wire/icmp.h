// ICMP for both families (RFC 792, RFC 4443): the head that all messages share, and the packet that
// an error quotes. Network order on the wire, host order in the fields. Whoever steers by a quote
// reads a packet that a backend sent: its source is the VIP.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/big_endian.h"
#include "base/expected.h"
#include "base/ids.h"
#include "base/ip_address.h"
#include "wire/parse_error.h"

namespace joinery::wire {

// Types of the messages that we read or write.
inline constexpr uint8_t kIcmpEchoReply = 0;
inline constexpr uint8_t kIcmpUnreachable = 3;
inline constexpr uint8_t kIcmpFragmentationNeeded = 4;  // code of kIcmpUnreachable (RFC 1191)
inline constexpr uint8_t kIcmpEcho = 8;
inline constexpr uint8_t kIcmpTimeExceeded = 11;
inline constexpr uint8_t kIcmpParameterProblem = 12;
inline constexpr uint8_t kIcmpv6Unreachable = 1;
inline constexpr uint8_t kIcmpv6PacketTooBig = 2;
inline constexpr uint8_t kIcmpv6TimeExceeded = 3;
inline constexpr uint8_t kIcmpv6ParameterProblem = 4;
inline constexpr uint8_t kIcmpv6Echo = 128;
inline constexpr uint8_t kIcmpv6EchoReply = 129;

struct IcmpFields {
  uint8_t type = 0;
  uint8_t code = 0;
  uint16_t checksum = 0;
  uint32_t rest_of_header = 0;  // identifier and sequence number, MTU, pointer: by the type

  friend bool operator==(const IcmpFields&, const IcmpFields&) noexcept = default;
};

// The packet inside an error. Routers may cut it anywhere behind the IP header: what is missing is
// absent here.
struct QuotedPacket {
  IpAddress source = {};  // the backend's side: a VIP
  IpAddress destination = {};
  uint8_t protocol = 0;                  // after IPv6 extension headers
  std::span<const uint8_t> l4 = {};      // as many bytes as were quoted; empty for a later fragment
  std::optional<Port> source_port = {};  // TCP and UDP
  std::optional<Port> destination_port = {};
  std::span<const uint8_t> tcp_options = {};  // as many as were quoted: the last may be cut
};

// After Parse every accessor is total. The view borrows: it dies with the packet.
class IcmpView {
 public:
  static constexpr size_t kType = 0;
  static constexpr size_t kCode = 1;
  static constexpr size_t kChecksum = 2;
  static constexpr size_t kRestOfHeader = 4;
  static constexpr size_t kLength = 8;

  // `message` is exactly what IP carries.
  [[nodiscard]] static Expected<IcmpView, ParseError> Parse(
      IpFamily family, std::span<const uint8_t> message) noexcept {
    if (message.size() < kLength) {
      return unexpected(ParseError{ParseReason::kTruncated, static_cast<uint16_t>(message.size())});
    }
    return IcmpView(family, message);
  }

  [[nodiscard]] IpFamily family() const noexcept { return family_; }
  [[nodiscard]] uint8_t type() const noexcept { return bytes_[kType]; }
  [[nodiscard]] uint8_t code() const noexcept { return bytes_[kCode]; }
  [[nodiscard]] uint16_t checksum() const noexcept { return LoadBe16(&bytes_[kChecksum]); }
  [[nodiscard]] uint32_t rest_of_header() const noexcept {
    return LoadBe32(&bytes_[kRestOfHeader]);
  }
  [[nodiscard]] std::span<const uint8_t> body() const noexcept { return bytes_.subspan(kLength); }

  // An error that quotes a packet (IPv4: types 3, 11, 12; IPv6: 1 to 4).
  [[nodiscard]] bool is_error() const noexcept;
  // A request for an echo.
  [[nodiscard]] bool is_echo() const noexcept {
    return type() == (family_ == IpFamily::kIpv4 ? kIcmpEcho : kIcmpv6Echo);
  }
  // The next hop's MTU when the error says "too big": 0 from routers older than RFC 1191.
  [[nodiscard]] std::optional<uint32_t> too_big_mtu() const noexcept;
  // kTruncated when the quote ends inside the IP header, kBadIpVersion and so on when it is none
  // of this family. Offsets count from body(). Meaningful only when is_error().
  [[nodiscard]] Expected<QuotedPacket, ParseError> quoted() const noexcept;

  [[nodiscard]] IcmpFields fields() const noexcept {
    return {
        .type = type(), .code = code(), .checksum = checksum(), .rest_of_header = rest_of_header()};
  }
  // Writes the 8 bytes of the head.
  static void Emit(const IcmpFields& fields, std::span<uint8_t, kLength> out) noexcept {
    out[kType] = fields.type;
    out[kCode] = fields.code;
    StoreBe16(&out[kChecksum], fields.checksum);
    StoreBe32(&out[kRestOfHeader], fields.rest_of_header);
  }

 private:
  IcmpView(IpFamily family, std::span<const uint8_t> bytes) noexcept
      : family_(family), bytes_(bytes) {}

  IpFamily family_;
  std::span<const uint8_t> bytes_;
};

// "icmpv4 type 3 code 4 mtu 1400 [198.18.0.2:80 > 198.18.0.1:40000 tcp]"
[[nodiscard]] std::string ToString(const IcmpView& icmp);
[[nodiscard]] std::string ToString(const QuotedPacket& quoted);

}  // namespace joinery::wire
