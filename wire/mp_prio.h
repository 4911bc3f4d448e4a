// MP_PRIO: make a subflow a backup, or no longer one (RFC 8684 section 3.3.8, figure 11). Version 0
// may name another subflow by its address ID (RFC 6824 section 3.3.8): length 4, which version 1
// and Linux do not read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/expected.h"
#include "wire/mptcp.h"
#include "wire/parse_error.h"

namespace joinery::wire {

struct MpPrioFields {
  uint8_t reserved = 0;  // 3 bits
  bool backup = false;
  std::optional<uint8_t> address_id = {};  // version 0

  friend bool operator==(const MpPrioFields&, const MpPrioFields&) noexcept = default;
};

// After Parse every accessor is total. The view borrows: it dies with the packet.
class MpPrio {
 public:
  static constexpr size_t kAddressId = 3;
  static constexpr size_t kLength = 3;
  static constexpr size_t kLengthWithId = 4;
  static constexpr uint8_t kBackup = 0x01;

  // `version` is the connection's.
  [[nodiscard]] static Expected<MpPrio, ParseError> Parse(std::span<const uint8_t> option,
                                                          uint8_t version) noexcept {
    if (const auto error = CheckMptcpOption(option, MptcpSubtype::kMpPrio)) {
      return unexpected(*error);
    }
    const bool with_id = version == 0 && option.size() == kLengthWithId;
    if (option.size() != kLength && !with_id) return WrongLength();
    return MpPrio(option);
  }

  [[nodiscard]] uint8_t reserved() const noexcept {
    return static_cast<uint8_t>((bytes_[kMptcpSubtype] & 0x0e) >> 1);
  }
  [[nodiscard]] bool backup() const noexcept { return (bytes_[kMptcpSubtype] & kBackup) != 0; }
  [[nodiscard]] std::optional<uint8_t> address_id() const noexcept {
    if (bytes_.size() != kLengthWithId) return std::nullopt;
    return bytes_[kAddressId];
  }

  [[nodiscard]] MpPrioFields fields() const noexcept {
    return {.reserved = reserved(), .backup = backup(), .address_id = address_id()};
  }
  [[nodiscard]] static size_t EncodedLength(const MpPrioFields& fields) noexcept {
    return fields.address_id ? kLengthWithId : kLength;
  }
  // `out` is exactly EncodedLength(fields) bytes; all are written.
  static void Emit(const MpPrioFields& fields, std::span<uint8_t> out) noexcept {
    EmitMptcpHead(out, MptcpSubtype::kMpPrio,
                  static_cast<uint8_t>(fields.reserved << 1 | (fields.backup ? kBackup : 0)));
    if (fields.address_id) out[kAddressId] = *fields.address_id;
  }

 private:
  explicit MpPrio(std::span<const uint8_t> bytes) noexcept : bytes_(bytes) {}
  std::span<const uint8_t> bytes_;
};

// "mp_prio backup=1", version 0 also "mp_prio backup=1 address_id=2"
[[nodiscard]] std::string ToString(const MpPrio& option);

}  // namespace joinery::wire
