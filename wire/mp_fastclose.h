// MP_FASTCLOSE: abort the whole connection (RFC 8684 section 3.5, figure 14; the same in version
// 0). Where tokens are explicit (docs/protocol.md section 1) a truncated HMAC stands in the key's
// place; the option does not tell. Host order in the fields.
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

struct MpFastcloseFields {
  uint16_t reserved = 0;  // 12 bits
  uint64_t receiver_key = 0;

  friend bool operator==(const MpFastcloseFields&, const MpFastcloseFields&) noexcept = default;
};

// After Parse every accessor is total. The view borrows: it dies with the packet.
class MpFastclose {
 public:
  static constexpr size_t kReceiverKey = 4;
  static constexpr size_t kLength = 12;

  [[nodiscard]] static Expected<MpFastclose, ParseError> Parse(
      std::span<const uint8_t> option) noexcept {
    if (const auto error = CheckMptcpOption(option, MptcpSubtype::kMpFastclose)) {
      return unexpected(*error);
    }
    if (option.size() != kLength) return WrongLength();
    return MpFastclose(option);
  }

  [[nodiscard]] uint16_t reserved() const noexcept {
    return LoadBe16(&bytes_[kMptcpSubtype]) & 0x0fff;
  }
  [[nodiscard]] uint64_t receiver_key() const noexcept { return LoadBe64(&bytes_[kReceiverKey]); }

  [[nodiscard]] MpFastcloseFields fields() const noexcept {
    return {.reserved = reserved(), .receiver_key = receiver_key()};
  }
  // Writes all 12 bytes.
  static void Emit(const MpFastcloseFields& fields, std::span<uint8_t, kLength> out) noexcept {
    EmitMptcpHead(out, MptcpSubtype::kMpFastclose, static_cast<uint8_t>(fields.reserved >> 8));
    out[kMptcpSubtype + 1] = static_cast<uint8_t>(fields.reserved);
    StoreBe64(&out[kReceiverKey], fields.receiver_key);
  }

 private:
  explicit MpFastclose(std::span<const uint8_t> bytes) noexcept : bytes_(bytes) {}
  std::span<const uint8_t> bytes_;
};

// "mp_fastclose key=7"
[[nodiscard]] std::string ToString(const MpFastclose& option);

}  // namespace joinery::wire
