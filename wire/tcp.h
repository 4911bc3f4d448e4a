// TCP headers (RFC 9293 section 3.1). Network order on the wire, host order in the fields. The
// options stay a list of bytes here: wire/tcp_option.h walks them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/big_endian.h"
#include "base/expected.h"
#include "base/ids.h"
#include "base/seq_number.h"
#include "wire/parse_error.h"

namespace joinery::wire {

// Flag bits.
inline constexpr uint8_t kFin = 0x01;
inline constexpr uint8_t kSyn = 0x02;
inline constexpr uint8_t kRst = 0x04;
inline constexpr uint8_t kPsh = 0x08;
inline constexpr uint8_t kAck = 0x10;
inline constexpr uint8_t kUrg = 0x20;
inline constexpr uint8_t kEce = 0x40;  // RFC 3168
inline constexpr uint8_t kCwr = 0x80;  // RFC 3168

struct TcpFields {
  Port source_port = {};
  Port destination_port = {};
  SeqNumber sequence_number = {};
  SeqNumber acknowledgment_number = {};
  uint8_t reserved = 0;  // the 4 bits after the data offset
  uint8_t flags = 0;
  uint16_t window = 0;
  uint16_t checksum = 0;
  uint16_t urgent_pointer = 0;
  std::span<const uint8_t> options = {};  // 0..40 bytes, a multiple of 4
};

// After Parse every accessor is total. The view borrows: it dies with the segment.
class TcpView {
 public:
  static constexpr size_t kSourcePort = 0;
  static constexpr size_t kDestinationPort = 2;
  static constexpr size_t kSequenceNumber = 4;
  static constexpr size_t kAcknowledgmentNumber = 8;
  static constexpr size_t kDataOffset = 12;
  static constexpr size_t kFlags = 13;
  static constexpr size_t kWindow = 14;
  static constexpr size_t kChecksum = 16;
  static constexpr size_t kUrgentPointer = 18;
  static constexpr size_t kMinLength = 20;

  // `segment` is exactly what IP carries.
  [[nodiscard]] static Expected<TcpView, ParseError> Parse(
      std::span<const uint8_t> segment) noexcept {
    if (segment.size() < kMinLength) return Error(ParseReason::kTruncated, segment.size());
    const size_t header = HeaderLength(segment);
    if (header < kMinLength || header > segment.size()) {
      return Error(ParseReason::kBadTcpDataOffset, kDataOffset);
    }
    return TcpView(segment);
  }

  [[nodiscard]] Port source_port() const noexcept { return Port(LoadBe16(&bytes_[kSourcePort])); }
  [[nodiscard]] Port destination_port() const noexcept {
    return Port(LoadBe16(&bytes_[kDestinationPort]));
  }
  [[nodiscard]] SeqNumber sequence_number() const noexcept {
    return SeqNumber(LoadBe32(&bytes_[kSequenceNumber]));
  }
  [[nodiscard]] SeqNumber acknowledgment_number() const noexcept {
    return SeqNumber(LoadBe32(&bytes_[kAcknowledgmentNumber]));
  }
  [[nodiscard]] uint8_t reserved() const noexcept { return bytes_[kDataOffset] & 0x0f; }
  [[nodiscard]] uint8_t flags() const noexcept { return bytes_[kFlags]; }
  [[nodiscard]] uint16_t window() const noexcept { return LoadBe16(&bytes_[kWindow]); }
  [[nodiscard]] uint16_t checksum() const noexcept { return LoadBe16(&bytes_[kChecksum]); }
  [[nodiscard]] uint16_t urgent_pointer() const noexcept {
    return LoadBe16(&bytes_[kUrgentPointer]);
  }
  [[nodiscard]] size_t header_length() const noexcept { return HeaderLength(bytes_); }
  [[nodiscard]] std::span<const uint8_t> options() const noexcept {
    return bytes_.subspan(kMinLength, header_length() - kMinLength);
  }
  [[nodiscard]] std::span<const uint8_t> payload() const noexcept {
    return bytes_.subspan(header_length());
  }

  [[nodiscard]] TcpFields fields() const noexcept;
  [[nodiscard]] static size_t EncodedLength(const TcpFields& fields) noexcept {
    return kMinLength + fields.options.size();
  }
  // `out` holds at least EncodedLength(fields) bytes; exactly those are written, the header only.
  static void Emit(const TcpFields& fields, std::span<uint8_t> out) noexcept;

 private:
  explicit TcpView(std::span<const uint8_t> bytes) noexcept : bytes_(bytes) {}

  static size_t HeaderLength(std::span<const uint8_t> bytes) noexcept {
    return static_cast<size_t>(bytes[kDataOffset] >> 4) * 4;
  }
  static tl::unexpected<ParseError> Error(ParseReason reason, size_t offset) noexcept {
    return tl::unexpected(ParseError{reason, static_cast<uint16_t>(offset)});
  }

  std::span<const uint8_t> bytes_;
};

}  // namespace joinery::wire
