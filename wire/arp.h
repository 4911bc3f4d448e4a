// ARP for IPv4 over Ethernet (RFC 826; announcements: RFC 5227). Network order on the wire.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "base/big_endian.h"
#include "base/expected.h"
#include "base/ip_address.h"
#include "base/mac_address.h"
#include "wire/parse_error.h"

namespace joinery::wire {

inline constexpr uint16_t kArpRequest = 1;
inline constexpr uint16_t kArpReply = 2;

struct ArpFields {
  uint16_t operation = 0;
  MacAddress sender_hardware = {};
  IpAddress sender_protocol = {};  // IPv4
  MacAddress target_hardware = {};
  IpAddress target_protocol = {};  // IPv4

  friend bool operator==(const ArpFields&, const ArpFields&) noexcept = default;
};

// After Parse every accessor is total. The view borrows: it dies with the packet.
class ArpView {
 public:
  static constexpr size_t kOperation = 6;
  static constexpr size_t kSenderHardware = 8;
  static constexpr size_t kSenderProtocol = 14;
  static constexpr size_t kTargetHardware = 18;
  static constexpr size_t kTargetProtocol = 24;
  static constexpr size_t kLength = 28;

  // `bytes` follows the Ethernet header and may go on after the packet (padding).
  [[nodiscard]] static Expected<ArpView, ParseError> Parse(
      std::span<const uint8_t> bytes) noexcept {
    if (bytes.size() < kLength) {
      return unexpected(ParseError{ParseReason::kTruncated, static_cast<uint16_t>(bytes.size())});
    }
    if (LoadBe32(&bytes[0]) != kEthernetIpv4 || LoadBe16(&bytes[4]) != kAddressLengths) {
      return unexpected(ParseError{ParseReason::kBadArp, 0});
    }
    return ArpView(bytes.first<kLength>());
  }

  [[nodiscard]] uint16_t operation() const noexcept { return LoadBe16(&bytes_[kOperation]); }
  [[nodiscard]] MacAddress sender_hardware() const noexcept { return Mac(kSenderHardware); }
  [[nodiscard]] IpAddress sender_protocol() const noexcept {
    return IpAddress::V4(bytes_.subspan<kSenderProtocol, 4>());
  }
  [[nodiscard]] MacAddress target_hardware() const noexcept { return Mac(kTargetHardware); }
  [[nodiscard]] IpAddress target_protocol() const noexcept {
    return IpAddress::V4(bytes_.subspan<kTargetProtocol, 4>());
  }

  [[nodiscard]] ArpFields fields() const noexcept {
    return {.operation = operation(),
            .sender_hardware = sender_hardware(),
            .sender_protocol = sender_protocol(),
            .target_hardware = target_hardware(),
            .target_protocol = target_protocol()};
  }
  // Writes all 28 bytes.
  static void Emit(const ArpFields& fields, std::span<uint8_t, kLength> out) noexcept {
    StoreBe32(&out[0], kEthernetIpv4);
    StoreBe16(&out[4], kAddressLengths);
    StoreBe16(&out[kOperation], fields.operation);
    std::memcpy(&out[kSenderHardware], fields.sender_hardware.bytes.data(), 6);
    std::memcpy(&out[kSenderProtocol], fields.sender_protocol.storage().data(), 4);
    std::memcpy(&out[kTargetHardware], fields.target_hardware.bytes.data(), 6);
    std::memcpy(&out[kTargetProtocol], fields.target_protocol.storage().data(), 4);
  }

 private:
  static constexpr uint32_t kEthernetIpv4 = 0x00010800;  // hardware 1, protocol 0x0800
  static constexpr uint16_t kAddressLengths = 0x0604;    // 6 bytes and 4 bytes

  explicit ArpView(std::span<const uint8_t, kLength> bytes) noexcept : bytes_(bytes) {}

  MacAddress Mac(size_t offset) const noexcept {
    MacAddress mac;
    std::memcpy(mac.bytes.data(), &bytes_[offset], mac.bytes.size());
    return mac;
  }

  std::span<const uint8_t, kLength> bytes_;
};

// "arp who-has 198.18.0.2 tell 198.18.0.1 (02:00:00:00:00:01)",
// "arp 198.18.0.1 is-at 02:00:00:00:00:01"
[[nodiscard]] std::string ToString(const ArpView& arp);

}  // namespace joinery::wire
