// MP_FAIL: fall back to an infinite mapping from this data sequence number on (RFC 8684 section
// 3.7, figure 16; the same in version 0). Host order in the fields.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/big_endian.h"
#include "base/expected.h"
#include "wire/mptcp.h"
#include "wire/parse_error.h"

namespace joinery::wire {

struct MpFailFields {
  uint16_t reserved = 0;              // 12 bits
  uint64_t data_sequence_number = 0;  // whose checksum failed

  friend bool operator==(const MpFailFields&, const MpFailFields&) noexcept = default;
};

// After Parse every accessor is total. The view borrows: it dies with the packet.
class MpFail {
 public:
  static constexpr size_t kDataSequenceNumber = 4;
  static constexpr size_t kLength = 12;

  [[nodiscard]] static Expected<MpFail, ParseError> Parse(
      std::span<const uint8_t> option) noexcept {
    if (const auto error = CheckMptcpOption(option, MptcpSubtype::kMpFail)) {
      return unexpected(*error);
    }
    if (option.size() != kLength) return WrongLength();
    return MpFail(option);
  }

  [[nodiscard]] uint16_t reserved() const noexcept {
    return LoadBe16(&bytes_[kMptcpSubtype]) & 0x0fff;
  }
  [[nodiscard]] uint64_t data_sequence_number() const noexcept {
    return LoadBe64(&bytes_[kDataSequenceNumber]);
  }

  [[nodiscard]] MpFailFields fields() const noexcept {
    return {.reserved = reserved(), .data_sequence_number = data_sequence_number()};
  }
  // Writes all 12 bytes.
  static void Emit(const MpFailFields& fields, std::span<uint8_t, kLength> out) noexcept {
    EmitMptcpHead(out, MptcpSubtype::kMpFail, static_cast<uint8_t>(fields.reserved >> 8));
    out[kMptcpSubtype + 1] = static_cast<uint8_t>(fields.reserved);
    StoreBe64(&out[kDataSequenceNumber], fields.data_sequence_number);
  }

 private:
  explicit MpFail(std::span<const uint8_t> bytes) noexcept : bytes_(bytes) {}
  std::span<const uint8_t> bytes_;
};

// "mp_fail dsn8=7"
[[nodiscard]] std::string ToString(const MpFail& option);

}  // namespace joinery::wire
