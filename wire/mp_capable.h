// MP_CAPABLE (RFC 8684 section 3.1, figure 4; version 0: RFC 6824 section 3.1; explicit tokens:
// docs/protocol.md section 1, which has the table of lengths). The form follows from the segment's
// role, the version and the explicit flag; keys and tokens are in host order of their big-endian
// bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/big_endian.h"
#include "base/expected.h"
#include "base/ids.h"
#include "wire/mptcp.h"
#include "wire/parse_error.h"

namespace joinery::wire {

// Flag bits A..H, most significant first.
inline constexpr uint8_t kMpcChecksumRequired = 0x80;  // A
inline constexpr uint8_t kMpcExtensibility = 0x40;     // B
inline constexpr uint8_t kMpcDenyJoinId0 = 0x20;       // C, version 1
inline constexpr uint8_t kMpcExplicitBaerts = 0x08;    // E, proposed by draft-baerts
inline constexpr uint8_t kMpcExplicitPaasch = 0x02;    // G, draft-paasch
inline constexpr uint8_t kMpcHmac = 0x01;              // H: HMAC-SHA256 (version 0: HMAC-SHA1)

struct MpCapableFields {
  uint8_t version = 1;
  uint8_t flags = kMpcHmac;
  std::optional<uint64_t> sender_key = {};
  std::optional<uint64_t> receiver_key = {};
  std::optional<Token> sender_token = {};    // explicit form
  std::optional<Token> receiver_token = {};  // explicit form
  std::optional<uint16_t> data_level_length = {};
  std::optional<uint16_t> checksum = {};  // only behind data_level_length

  friend bool operator==(const MpCapableFields&, const MpCapableFields&) noexcept = default;
};

// After Parse every accessor is total. The view borrows: it dies with the packet.
class MpCapable {
 public:
  static constexpr size_t kFlags = 3;
  static constexpr size_t kValues = 4;  // keys or tokens, the sender's first
  static constexpr size_t kMaxLength = 24;
  static constexpr uint8_t kSupportedVersion = 1;

  // Strict in length by role, version and flags, as Linux is in its forms: one that it would not
  // read must not steer.
  [[nodiscard]] static Expected<MpCapable, ParseError> Parse(std::span<const uint8_t> option,
                                                             SegmentRole role) noexcept;

  [[nodiscard]] uint8_t version() const noexcept { return bytes_[kMptcpSubtype] & 0x0f; }
  [[nodiscard]] uint8_t flags() const noexcept { return bytes_[kFlags]; }
  // Tokens stand where keys would.
  [[nodiscard]] bool is_explicit() const noexcept { return explicit_; }
  [[nodiscard]] std::optional<uint64_t> sender_key() const noexcept { return Key(0); }
  [[nodiscard]] std::optional<uint64_t> receiver_key() const noexcept { return Key(1); }
  [[nodiscard]] std::optional<Token> sender_token() const noexcept { return TokenAt(0); }
  [[nodiscard]] std::optional<Token> receiver_token() const noexcept { return TokenAt(1); }
  [[nodiscard]] std::optional<uint16_t> data_level_length() const noexcept { return Data(0); }
  [[nodiscard]] std::optional<uint16_t> checksum() const noexcept { return Data(2); }

  [[nodiscard]] MpCapableFields fields() const noexcept;
  [[nodiscard]] static size_t EncodedLength(const MpCapableFields& fields) noexcept;
  // `out` is exactly EncodedLength(fields) bytes; all are written.
  static void Emit(const MpCapableFields& fields, std::span<uint8_t> out) noexcept;

 private:
  MpCapable(std::span<const uint8_t> bytes, bool is_explicit, uint8_t values) noexcept
      : bytes_(bytes), explicit_(is_explicit), values_(values) {}

  [[nodiscard]] size_t value_size() const noexcept { return explicit_ ? 4 : 8; }
  [[nodiscard]] std::optional<uint64_t> Key(uint8_t index) const noexcept {
    if (explicit_ || index >= values_) return std::nullopt;
    return LoadBe64(&bytes_[kValues + index * size_t{8}]);
  }
  [[nodiscard]] std::optional<Token> TokenAt(uint8_t index) const noexcept {
    if (!explicit_ || index >= values_) return std::nullopt;
    return Token(LoadBe32(&bytes_[kValues + index * size_t{4}]));
  }
  [[nodiscard]] std::optional<uint16_t> Data(size_t offset) const noexcept {
    const size_t at = kValues + values_ * value_size() + offset;
    if (at + 2 > bytes_.size()) return std::nullopt;
    return LoadBe16(&bytes_[at]);
  }

  std::span<const uint8_t> bytes_;
  bool explicit_;
  uint8_t values_;  // keys or tokens: 0..2
};

// "mpcapable v1 flags[flag_h] key[1,2] mpcdatalen 100", "mpcapable v1 flags[flag_g,flag_h]
// token[1]"
[[nodiscard]] std::string ToString(const MpCapable& option);

}  // namespace joinery::wire
