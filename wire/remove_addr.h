// REMOVE_ADDR: addresses that are gone (RFC 8684 section 3.4.2, figure 13; the same in version 0).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "base/expected.h"
#include "wire/mptcp.h"
#include "wire/parse_error.h"

namespace joinery::wire {

// The RFC sets no limit; Linux passes over an option with more (MPTCP_RM_IDS_MAX).
inline constexpr size_t kMaxRemovedIds = 8;

struct RemoveAddrFields {
  uint8_t reserved = 0;  // 4 bits
  std::array<uint8_t, kMaxRemovedIds> address_ids{};
  uint8_t count = 1;  // 1..kMaxRemovedIds

  friend bool operator==(const RemoveAddrFields&, const RemoveAddrFields&) noexcept = default;
};

// After Parse every accessor is total. The view borrows: it dies with the packet.
class RemoveAddr {
 public:
  static constexpr size_t kAddressIds = 3;
  static constexpr size_t kMaxLength = kAddressIds + kMaxRemovedIds;

  [[nodiscard]] static Expected<RemoveAddr, ParseError> Parse(
      std::span<const uint8_t> option) noexcept {
    if (const auto error = CheckMptcpOption(option, MptcpSubtype::kRemoveAddr)) {
      return unexpected(*error);
    }
    if (option.size() <= kAddressIds || option.size() > kMaxLength) return WrongLength();
    return RemoveAddr(option);
  }

  [[nodiscard]] uint8_t reserved() const noexcept { return bytes_[kMptcpSubtype] & 0x0f; }
  [[nodiscard]] std::span<const uint8_t> address_ids() const noexcept {
    return bytes_.subspan(kAddressIds);
  }

  [[nodiscard]] RemoveAddrFields fields() const noexcept {
    RemoveAddrFields fields{.reserved = reserved(),
                            .count = static_cast<uint8_t>(address_ids().size())};
    std::memcpy(fields.address_ids.data(), address_ids().data(), fields.count);
    return fields;
  }
  [[nodiscard]] static size_t EncodedLength(const RemoveAddrFields& fields) noexcept {
    return kAddressIds + fields.count;
  }
  // `out` is exactly EncodedLength(fields) bytes; all are written.
  static void Emit(const RemoveAddrFields& fields, std::span<uint8_t> out) noexcept {
    EmitMptcpHead(out, MptcpSubtype::kRemoveAddr, fields.reserved);
    std::memcpy(&out[kAddressIds], fields.address_ids.data(), fields.count);
  }

 private:
  explicit RemoveAddr(std::span<const uint8_t> bytes) noexcept : bytes_(bytes) {}
  std::span<const uint8_t> bytes_;
};

// "rm_addr address_id=[1,2]"
[[nodiscard]] std::string ToString(const RemoveAddr& option);

}  // namespace joinery::wire
