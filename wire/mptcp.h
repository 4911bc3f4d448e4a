// What all MPTCP options share (RFC 8684 section 3, figure 3): kind 30, length, and a subtype in
// the high nibble of the third byte.
//
// Reading list: RFC 8684 (version 1), RFC 6824 (version 0, still sent by old stacks),
// draft-paasch-mptcp-loadbalancer-00 and draft-baerts-tcpm-mptcpext-00 (the token explicit in the
// handshake), net/mptcp/options.c of Linux 6.1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/expected.h"
#include "wire/parse_error.h"
#include "wire/tcp.h"
#include "wire/tcp_option.h"

namespace joinery::wire {

// RFC 8684 section 7.2; kNewKey is draft-baerts-tcpm-mptcpext-00's proposal.
enum class MptcpSubtype : uint8_t {
  kMpCapable = 0x0,
  kMpJoin = 0x1,
  kDss = 0x2,
  kAddAddr = 0x3,
  kRemoveAddr = 0x4,
  kMpPrio = 0x5,
  kMpFail = 0x6,
  kMpFastclose = 0x7,
  kMpTcpRst = 0x8,
  kNewKey = 0x9,
};

// Where a segment stands in the handshake: several options have another form in each.
enum class SegmentRole : uint8_t {
  kSynOnly,  // SYN without ACK
  kSynAck,   // SYN and ACK
  kAckOnly,  // no SYN, no payload
  kAckData,  // no SYN, with payload
};

[[nodiscard]] inline SegmentRole RoleOf(uint8_t tcp_flags, bool has_payload) noexcept {
  if ((tcp_flags & kSyn) != 0) {
    return (tcp_flags & kAck) != 0 ? SegmentRole::kSynAck : SegmentRole::kSynOnly;
  }
  return has_payload ? SegmentRole::kAckData : SegmentRole::kAckOnly;
}

// Option offsets that all subtypes share.
inline constexpr size_t kMptcpKind = 0;
inline constexpr size_t kMptcpLength = 1;
inline constexpr size_t kMptcpSubtype = 2;
inline constexpr size_t kMptcpMinLength = 3;

// `option` has at least kMptcpMinLength bytes.
[[nodiscard]] inline MptcpSubtype SubtypeOf(std::span<const uint8_t> option) noexcept {
  return static_cast<MptcpSubtype>(option[kMptcpSubtype] >> 4);
}

// The checks that every Parse begins with: long enough for a subtype, the length byte true, the
// subtype the expected one. nullopt when all is well.
[[nodiscard]] inline std::optional<ParseError> CheckMptcpOption(std::span<const uint8_t> option,
                                                                MptcpSubtype subtype) noexcept {
  if (option.size() < kMptcpMinLength) {
    return ParseError{ParseReason::kTruncated, static_cast<uint16_t>(option.size())};
  }
  if (option[kMptcpLength] != option.size()) {
    return ParseError{ParseReason::kWrongLength, kMptcpLength};
  }
  if (SubtypeOf(option) != subtype) return ParseError{ParseReason::kWrongSubtype, kMptcpSubtype};
  return std::nullopt;
}

[[nodiscard]] inline tl::unexpected<ParseError> WrongLength() noexcept {
  return tl::unexpected(ParseError{ParseReason::kWrongLength, kMptcpLength});
}

// Kind, length, and the subtype with the low nibble beside it.
inline void EmitMptcpHead(std::span<uint8_t> out, MptcpSubtype subtype,
                          uint8_t low_nibble) noexcept {
  out[kMptcpKind] = kOptionMptcp;
  out[kMptcpLength] = static_cast<uint8_t>(out.size());
  out[kMptcpSubtype] =
      static_cast<uint8_t>(static_cast<uint8_t>(subtype) << 4 | (low_nibble & 0x0f));
}

}  // namespace joinery::wire
