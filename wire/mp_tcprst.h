// MP_TCPRST: why a subflow is reset (RFC 8684 section 3.6, figure 15; not in version 0). Only a RST
// carries it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/expected.h"
#include "wire/mptcp.h"
#include "wire/parse_error.h"

namespace joinery::wire {

struct MpTcpRstFields {
  uint8_t flags = 0;   // U, V, W, T: 4 bits
  uint8_t reason = 0;  // the IANA registry "MPTCP MP_TCPRST Reason Codes"

  friend bool operator==(const MpTcpRstFields&, const MpTcpRstFields&) noexcept = default;
};

// After Parse every accessor is total. The view borrows: it dies with the packet.
class MpTcpRst {
 public:
  static constexpr size_t kReason = 3;
  static constexpr size_t kLength = 4;
  static constexpr uint8_t kTransient = 0x01;  // T: another try may go well

  [[nodiscard]] static Expected<MpTcpRst, ParseError> Parse(
      std::span<const uint8_t> option) noexcept {
    if (const auto error = CheckMptcpOption(option, MptcpSubtype::kMpTcpRst)) {
      return unexpected(*error);
    }
    if (option.size() != kLength) return WrongLength();
    return MpTcpRst(option);
  }

  [[nodiscard]] uint8_t flags() const noexcept { return bytes_[kMptcpSubtype] & 0x0f; }
  [[nodiscard]] bool transient() const noexcept { return (flags() & kTransient) != 0; }
  [[nodiscard]] uint8_t reason() const noexcept { return bytes_[kReason]; }

  [[nodiscard]] MpTcpRstFields fields() const noexcept {
    return {.flags = flags(), .reason = reason()};
  }
  // Writes all 4 bytes.
  static void Emit(const MpTcpRstFields& fields, std::span<uint8_t, kLength> out) noexcept {
    EmitMptcpHead(out, MptcpSubtype::kMpTcpRst, fields.flags);
    out[kReason] = fields.reason;
  }

 private:
  explicit MpTcpRst(std::span<const uint8_t> bytes) noexcept : bytes_(bytes) {}
  std::span<const uint8_t> bytes_;
};

// "mp_reset 1", "mp_reset 1 flags[flag_t]"
[[nodiscard]] std::string ToString(const MpTcpRst& option);

}  // namespace joinery::wire
