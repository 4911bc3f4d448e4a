// IPv6 headers (RFC 8200 section 3). Network order on the wire, host order in the fields. What
// follows the fixed header: wire/ipv6_extensions.h.
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

struct Ipv6Fields {
  uint8_t traffic_class = 0;
  uint32_t flow_label = 0;      // 20 bits
  uint16_t payload_length = 0;  // bytes after the fixed header, extension headers included
  uint8_t next_header = 0;
  uint8_t hop_limit = 64;
  IpAddress source = {};
  IpAddress destination = {};

  friend bool operator==(const Ipv6Fields&, const Ipv6Fields&) noexcept = default;
};

// After Parse every accessor is total. The view borrows: it dies with the packet.
class Ipv6View {
 public:
  static constexpr size_t kPayloadLength = 4;
  static constexpr size_t kNextHeader = 6;
  static constexpr size_t kHopLimit = 7;
  static constexpr size_t kSource = 8;
  static constexpr size_t kDestination = 24;
  static constexpr size_t kLength = 40;

  // `bytes` begins at the header and may go on after the packet. Jumbograms (RFC 2675) have a
  // payload length of 0, so they are read as empty; no Ethernet carries one.
  [[nodiscard]] static Expected<Ipv6View, ParseError> Parse(
      std::span<const uint8_t> bytes) noexcept {
    if (bytes.size() < kLength) return Error(ParseReason::kTruncated, bytes.size());
    if (bytes[0] >> 4 != 6) return Error(ParseReason::kBadIpVersion, 0);
    const size_t total = kLength + LoadBe16(&bytes[kPayloadLength]);
    if (total > bytes.size() || total > UINT16_MAX) {  // lengths and offsets here are 16 bits
      return Error(ParseReason::kBadIpTotalLength, kPayloadLength);
    }
    return Ipv6View(bytes.first(total));
  }

  [[nodiscard]] uint8_t traffic_class() const noexcept {
    return static_cast<uint8_t>(LoadBe16(&bytes_[0]) >> 4);
  }
  [[nodiscard]] uint32_t flow_label() const noexcept { return LoadBe32(&bytes_[0]) & 0xfffff; }
  [[nodiscard]] uint16_t payload_length() const noexcept {
    return LoadBe16(&bytes_[kPayloadLength]);
  }
  [[nodiscard]] uint8_t next_header() const noexcept { return bytes_[kNextHeader]; }
  [[nodiscard]] uint8_t hop_limit() const noexcept { return bytes_[kHopLimit]; }
  [[nodiscard]] IpAddress source() const noexcept {
    return IpAddress::V6(bytes_.subspan<kSource, 16>());
  }
  [[nodiscard]] IpAddress destination() const noexcept {
    return IpAddress::V6(bytes_.subspan<kDestination, 16>());
  }
  [[nodiscard]] std::span<const uint8_t> payload() const noexcept {
    return bytes_.subspan(kLength);
  }

  [[nodiscard]] Ipv6Fields fields() const noexcept;
  // Writes all 40 bytes.
  static void Emit(const Ipv6Fields& fields, std::span<uint8_t, kLength> out) noexcept;

 private:
  explicit Ipv6View(std::span<const uint8_t> bytes) noexcept : bytes_(bytes) {}

  static tl::unexpected<ParseError> Error(ParseReason reason, size_t offset) noexcept {
    return tl::unexpected(ParseError{reason, static_cast<uint16_t>(offset)});
  }

  std::span<const uint8_t> bytes_;  // the whole packet, without what follows it
};

// "ipv6 2001:db8::1 > 2001:db8::2: hlim 64 flow 0x00000 len 20 next 6"
[[nodiscard]] std::string ToString(const Ipv6View& ip);

}  // namespace joinery::wire
