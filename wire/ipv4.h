// IPv4 headers (RFC 791 section 3.1; checks of RFC 1812 section 5.2.2). Network order on the wire,
// host order in the fields. The header checksum is not checked here: the balancer changes headers
// by incremental update (RFC 1624), so a wrong sum stays wrong and the backend drops the packet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/big_endian.h"
#include "base/expected.h"
#include "base/ip_address.h"
#include "wire/parse_error.h"

namespace joinery::wire {

// IP protocol numbers (the IANA registry "Protocol Numbers").
inline constexpr uint8_t kProtocolIcmp = 1;
inline constexpr uint8_t kProtocolIpv4 = 4;  // RFC 2003
inline constexpr uint8_t kProtocolTcp = 6;
inline constexpr uint8_t kProtocolUdp = 17;
inline constexpr uint8_t kProtocolIpv6 = 41;  // RFC 2473
inline constexpr uint8_t kProtocolIcmpv6 = 58;

struct Ipv4Fields {
  uint8_t type_of_service = 0;
  uint16_t total_length = 0;  // bytes, header included
  uint16_t identification = 0;
  uint8_t flags = 0;             // 3 bits: reserved, DF, MF
  uint16_t fragment_offset = 0;  // 13 bits; units of 8 bytes
  uint8_t time_to_live = 64;
  uint8_t protocol = 0;
  uint16_t header_checksum = 0;
  IpAddress source = {};
  IpAddress destination = {};
  std::span<const uint8_t> options = {};  // 0..40 bytes, a multiple of 4
};

// After Parse every accessor is total. The view borrows: it dies with the packet.
class Ipv4View {
 public:
  static constexpr size_t kTypeOfService = 1;
  static constexpr size_t kTotalLength = 2;
  static constexpr size_t kIdentification = 4;
  static constexpr size_t kFlagsAndOffset = 6;
  static constexpr size_t kTimeToLive = 8;
  static constexpr size_t kProtocol = 9;
  static constexpr size_t kHeaderChecksum = 10;
  static constexpr size_t kSource = 12;
  static constexpr size_t kDestination = 16;
  static constexpr size_t kMinLength = 20;
  static constexpr uint8_t kDontFragment = 0x2;
  static constexpr uint8_t kMoreFragments = 0x1;

  // `bytes` begins at the header and may go on after the packet (Ethernet padding).
  [[nodiscard]] static Expected<Ipv4View, ParseError> Parse(
      std::span<const uint8_t> bytes) noexcept {
    if (bytes.size() < kMinLength) {
      return Error(ParseReason::kTruncated, bytes.size());
    }
    if (bytes[0] >> 4 != 4) return Error(ParseReason::kBadIpVersion, 0);  // RFC 1812 5.2.2 (4)
    const size_t header = HeaderLength(bytes);
    if (header < kMinLength) return Error(ParseReason::kBadIpHeaderLength, 0);  // 5.2.2 (3)
    const size_t total = LoadBe16(&bytes[kTotalLength]);
    if (total < header || total > bytes.size()) {  // 5.2.2 (5)
      return Error(ParseReason::kBadIpTotalLength, kTotalLength);
    }
    return Ipv4View(bytes.first(total));
  }

  [[nodiscard]] uint8_t type_of_service() const noexcept { return bytes_[kTypeOfService]; }
  [[nodiscard]] uint16_t total_length() const noexcept { return LoadBe16(&bytes_[kTotalLength]); }
  [[nodiscard]] uint16_t identification() const noexcept {
    return LoadBe16(&bytes_[kIdentification]);
  }
  [[nodiscard]] uint8_t flags() const noexcept { return bytes_[kFlagsAndOffset] >> 5; }
  [[nodiscard]] uint16_t fragment_offset() const noexcept {
    return LoadBe16(&bytes_[kFlagsAndOffset]) & 0x1fff;
  }
  [[nodiscard]] uint8_t time_to_live() const noexcept { return bytes_[kTimeToLive]; }
  [[nodiscard]] uint8_t protocol() const noexcept { return bytes_[kProtocol]; }
  [[nodiscard]] uint16_t header_checksum() const noexcept {
    return LoadBe16(&bytes_[kHeaderChecksum]);
  }
  [[nodiscard]] IpAddress source() const noexcept {
    return IpAddress::V4(bytes_.subspan<kSource, 4>());
  }
  [[nodiscard]] IpAddress destination() const noexcept {
    return IpAddress::V4(bytes_.subspan<kDestination, 4>());
  }
  [[nodiscard]] size_t header_length() const noexcept { return HeaderLength(bytes_); }
  [[nodiscard]] std::span<const uint8_t> options() const noexcept {
    return bytes_.subspan(kMinLength, header_length() - kMinLength);
  }
  [[nodiscard]] std::span<const uint8_t> payload() const noexcept {
    return bytes_.subspan(header_length());
  }
  // A part of a packet: more follows, or it is not the first (RFC 791 section 3.2).
  [[nodiscard]] bool is_fragment() const noexcept {
    return (LoadBe16(&bytes_[kFlagsAndOffset]) & 0x3fff) != 0;
  }

  [[nodiscard]] Ipv4Fields fields() const noexcept;
  [[nodiscard]] static size_t EncodedLength(const Ipv4Fields& fields) noexcept {
    return kMinLength + fields.options.size();
  }
  // `out` holds at least EncodedLength(fields) bytes; exactly those are written, the header only.
  static void Emit(const Ipv4Fields& fields, std::span<uint8_t> out) noexcept;

 private:
  explicit Ipv4View(std::span<const uint8_t> bytes) noexcept : bytes_(bytes) {}

  static size_t HeaderLength(std::span<const uint8_t> bytes) noexcept {
    return static_cast<size_t>(bytes[0] & 0x0f) * 4;
  }
  static tl::unexpected<ParseError> Error(ParseReason reason, size_t offset) noexcept {
    return tl::unexpected(ParseError{reason, static_cast<uint16_t>(offset)});
  }

  std::span<const uint8_t> bytes_;  // the whole packet, without what follows it
};

// "ipv4 198.18.0.1 > 198.18.0.2: ttl 64 id 7 len 40 proto 6 [DF]"
[[nodiscard]] std::string ToString(const Ipv4View& ip);

}  // namespace joinery::wire
