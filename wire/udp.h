// UDP headers (RFC 768; RFC 8200 section 8.1). Network order on the wire, host order in the fields.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/big_endian.h"
#include "base/expected.h"
#include "base/ids.h"
#include "wire/parse_error.h"

namespace joinery::wire {

struct UdpFields {
  Port source_port = {};
  Port destination_port = {};
  uint16_t length = 0;    // bytes, header included
  uint16_t checksum = 0;  // 0: none (IPv4, and tunnels over IPv6: RFC 6935)

  friend bool operator==(const UdpFields&, const UdpFields&) noexcept = default;
};

// After Parse every accessor is total. The view borrows: it dies with the datagram.
class UdpView {
 public:
  static constexpr size_t kSourcePort = 0;
  static constexpr size_t kDestinationPort = 2;
  static constexpr size_t kUdpLength = 4;
  static constexpr size_t kChecksum = 6;
  static constexpr size_t kLength = 8;

  // `bytes` is what IP carries; it may go on after the datagram.
  [[nodiscard]] static Expected<UdpView, ParseError> Parse(
      std::span<const uint8_t> bytes) noexcept {
    if (bytes.size() < kLength) return Error(ParseReason::kTruncated, bytes.size());
    const size_t length = LoadBe16(&bytes[kUdpLength]);
    if (length < kLength || length > bytes.size()) {
      return Error(ParseReason::kBadUdpLength, kUdpLength);
    }
    return UdpView(bytes.first(length));
  }

  [[nodiscard]] Port source_port() const noexcept { return Port(LoadBe16(&bytes_[kSourcePort])); }
  [[nodiscard]] Port destination_port() const noexcept {
    return Port(LoadBe16(&bytes_[kDestinationPort]));
  }
  [[nodiscard]] uint16_t length() const noexcept { return LoadBe16(&bytes_[kUdpLength]); }
  [[nodiscard]] uint16_t checksum() const noexcept { return LoadBe16(&bytes_[kChecksum]); }
  [[nodiscard]] std::span<const uint8_t> payload() const noexcept {
    return bytes_.subspan(kLength);
  }

  [[nodiscard]] UdpFields fields() const noexcept {
    return {.source_port = source_port(),
            .destination_port = destination_port(),
            .length = length(),
            .checksum = checksum()};
  }
  // Writes all 8 bytes.
  static void Emit(const UdpFields& fields, std::span<uint8_t, kLength> out) noexcept {
    StoreBe16(&out[kSourcePort], fields.source_port.value());
    StoreBe16(&out[kDestinationPort], fields.destination_port.value());
    StoreBe16(&out[kUdpLength], fields.length);
    StoreBe16(&out[kChecksum], fields.checksum);
  }

 private:
  explicit UdpView(std::span<const uint8_t> bytes) noexcept : bytes_(bytes) {}

  static tl::unexpected<ParseError> Error(ParseReason reason, size_t offset) noexcept {
    return tl::unexpected(ParseError{reason, static_cast<uint16_t>(offset)});
  }

  std::span<const uint8_t> bytes_;
};

}  // namespace joinery::wire
