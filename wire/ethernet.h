// Ethernet II headers (IEEE 802.3 section 3.2) with up to two VLAN tags (IEEE 802.1Q section 9.3;
// 802.1ad stacks two). Network order on the wire, host order in the fields. No checksum: the frame
// check sequence never reaches us.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/big_endian.h"
#include "base/expected.h"
#include "base/mac_address.h"
#include "wire/parse_error.h"

namespace joinery::wire {

// Ethertypes (the IANA registry "IEEE 802 numbers").
inline constexpr uint16_t kEtherTypeIpv4 = 0x0800;
inline constexpr uint16_t kEtherTypeArp = 0x0806;
inline constexpr uint16_t kEtherTypeIpv6 = 0x86dd;
inline constexpr uint16_t kEtherTypeVlan = 0x8100;         // C-tag, 802.1Q
inline constexpr uint16_t kEtherTypeServiceVlan = 0x88a8;  // S-tag, 802.1ad

inline constexpr size_t kMaxVlanTags = 2;  // more is an error: kBadVlanTags

struct VlanTag {
  uint16_t tpid = kEtherTypeVlan;
  uint16_t tci = 0;  // priority (3 bits), drop eligible (1), VLAN ID (12)

  [[nodiscard]] uint16_t vlan_id() const noexcept { return tci & 0x0fff; }
  friend bool operator==(const VlanTag&, const VlanTag&) noexcept = default;
};

struct EthernetFields {
  MacAddress destination = {};
  MacAddress source = {};
  std::array<VlanTag, kMaxVlanTags> tags{};  // outermost first
  uint8_t tag_count = 0;                     // 0..kMaxVlanTags
  uint16_t ethertype = 0;                    // of the payload; below 0x600 it is an 802.3 length

  friend bool operator==(const EthernetFields&, const EthernetFields&) noexcept = default;
};

// After Parse every accessor is total. The view borrows: it dies with the frame.
class EthernetView {
 public:
  static constexpr size_t kDestination = 0;
  static constexpr size_t kSource = 6;
  static constexpr size_t kEtherType = 12;
  static constexpr size_t kMinLength = 14;
  static constexpr size_t kTagLength = 4;

  [[nodiscard]] static Expected<EthernetView, ParseError> Parse(
      std::span<const uint8_t> frame) noexcept {
    size_t at = kEtherType;
    for (size_t tags = 0; tags <= kMaxVlanTags; ++tags, at += kTagLength) {
      if (frame.size() < at + 2) return Truncated(frame);
      const uint16_t type = LoadBe16(&frame[at]);
      if (type != kEtherTypeVlan && type != kEtherTypeServiceVlan) {
        return EthernetView(frame.first(at + 2));
      }
    }
    return unexpected(
        ParseError{ParseReason::kBadVlanTags, static_cast<uint16_t>(at - kTagLength)});
  }

  [[nodiscard]] MacAddress destination() const noexcept { return Mac(kDestination); }
  [[nodiscard]] MacAddress source() const noexcept { return Mac(kSource); }
  [[nodiscard]] uint8_t tag_count() const noexcept {
    return static_cast<uint8_t>((header_.size() - kMinLength) / kTagLength);
  }
  // index < tag_count(); 0 is the outermost.
  [[nodiscard]] VlanTag tag(size_t index) const noexcept {
    const uint8_t* p = &header_[kEtherType + index * kTagLength];
    return {.tpid = LoadBe16(p), .tci = LoadBe16(p + 2)};
  }
  [[nodiscard]] uint16_t ethertype() const noexcept {
    return LoadBe16(&header_[header_.size() - 2]);
  }
  // 14 to 22 bytes, tags included.
  [[nodiscard]] size_t header_length() const noexcept { return header_.size(); }

  [[nodiscard]] EthernetFields fields() const noexcept;
  [[nodiscard]] static size_t EncodedLength(const EthernetFields& fields) noexcept {
    return kMinLength + fields.tag_count * kTagLength;
  }
  // `out` holds at least EncodedLength(fields) bytes; exactly those are written.
  static void Emit(const EthernetFields& fields, std::span<uint8_t> out) noexcept;

 private:
  explicit EthernetView(std::span<const uint8_t> header) noexcept : header_(header) {}

  static tl::unexpected<ParseError> Truncated(std::span<const uint8_t> frame) noexcept {
    return unexpected(ParseError{ParseReason::kTruncated, static_cast<uint16_t>(frame.size())});
  }
  MacAddress Mac(size_t offset) const noexcept {
    MacAddress mac;
    std::memcpy(mac.bytes.data(), &header_[offset], mac.bytes.size());
    return mac;
  }

  std::span<const uint8_t> header_;
};

// "eth 02:00:00:00:00:01 > 02:00:00:00:00:02 vlan 7 type 0x0800"
[[nodiscard]] std::string ToString(const EthernetView& ethernet);

}  // namespace joinery::wire
