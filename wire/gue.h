// Generic UDP encapsulation (draft-ietf-intarea-gue-09), as it follows a UDP header. Variant 1 has
// no header at all: an IPv4 or IPv6 packet begins at once, whose version field reads as variant 1
// (section 4). Variant 0 has one of 4 bytes and more (section 3), which carries the next hops of a
// second chance as private data. Network order on the wire.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/big_endian.h"
#include "base/expected.h"
#include "wire/parse_error.h"

namespace joinery::wire {

inline constexpr uint16_t kGuePort = 6080;  // IANA

struct GueFields {
  uint8_t variant = 1;      // 0 or 1; of variant 1 nothing below has a meaning
  bool control = false;     // flag C: proto_ctype is a control type
  uint8_t proto_ctype = 0;  // an IP protocol number
  uint16_t flags = 0;       // which extension fields there are
  std::span<const uint8_t> extensions =
      {};  // extension fields and private data: 0..124 bytes, a multiple of 4
};

// After Parse every accessor is total. The view borrows: it dies with the packet.
class GueView {
 public:
  static constexpr size_t kProtoCtype = 1;
  static constexpr size_t kFlags = 2;
  static constexpr size_t kBaseLength = 4;  // of variant 0
  static constexpr size_t kMaxExtensions = 31 * 4;

  // `payload` is the UDP payload.
  [[nodiscard]] static Expected<GueView, ParseError> Parse(
      std::span<const uint8_t> payload) noexcept {
    if (payload.empty()) return Error(ParseReason::kTruncated, 0);
    const uint8_t variant = payload[0] >> 6;
    if (variant > 1) return Error(ParseReason::kBadGueVariant, 0);
    if (variant == 1) return GueView(payload, 0);
    const size_t header = kBaseLength + static_cast<size_t>(payload[0] & 0x1f) * 4;
    if (header > payload.size()) return Error(ParseReason::kTruncated, payload.size());
    return GueView(payload, header);
  }

  [[nodiscard]] uint8_t variant() const noexcept { return header_length_ == 0 ? 1 : 0; }
  [[nodiscard]] bool control() const noexcept {
    return variant() == 0 && (bytes_[0] & kControl) != 0;
  }
  // Of variant 1 the protocol that its first nibble names: 4 or 41.
  [[nodiscard]] uint8_t proto_ctype() const noexcept;
  [[nodiscard]] uint16_t flags() const noexcept {
    return variant() == 0 ? LoadBe16(&bytes_[kFlags]) : uint16_t{0};
  }
  [[nodiscard]] std::span<const uint8_t> extensions() const noexcept {
    if (variant() == 1) return {};
    return bytes_.subspan(kBaseLength, header_length_ - kBaseLength);
  }
  // The encapsulated packet.
  [[nodiscard]] std::span<const uint8_t> inner() const noexcept {
    return bytes_.subspan(header_length_);
  }

  [[nodiscard]] GueFields fields() const noexcept {
    return {.variant = variant(),
            .control = control(),
            .proto_ctype = proto_ctype(),
            .flags = flags(),
            .extensions = extensions()};
  }
  [[nodiscard]] static size_t EncodedLength(const GueFields& fields) noexcept {
    return fields.variant == 1 ? 0 : kBaseLength + fields.extensions.size();
  }
  // `out` is exactly EncodedLength(fields) bytes; all are written: nothing for variant 1.
  static void Emit(const GueFields& fields, std::span<uint8_t> out) noexcept;

 private:
  static constexpr uint8_t kControl = 0x20;

  GueView(std::span<const uint8_t> bytes, size_t header_length) noexcept
      : bytes_(bytes), header_length_(header_length) {}

  static tl::unexpected<ParseError> Error(ParseReason reason, size_t offset) noexcept {
    return tl::unexpected(ParseError{reason, static_cast<uint16_t>(offset)});
  }

  std::span<const uint8_t> bytes_;
  size_t header_length_;  // 0: variant 1
};

// "gue variant 1 proto 4", "gue variant 0 proto 4 flags 0x0000 private c6120003"
[[nodiscard]] std::string ToString(const GueView& gue);

}  // namespace joinery::wire
