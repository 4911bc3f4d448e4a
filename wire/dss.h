// DSS: data acknowledgment and data sequence mapping (RFC 8684 section 3.3.1, figure 9; the same in
// version 0). The flags say which fields there are. All values are in host order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/big_endian.h"
#include "base/expected.h"
#include "wire/mptcp.h"
#include "wire/parse_error.h"

namespace joinery::wire {

// A data sequence number or acknowledgment, sent in 4 or 8 bytes.
struct DataNumber {
  uint64_t value = 0;  // below 2^32 when not wide
  bool wide = false;   // 8 bytes on the wire

  friend bool operator==(const DataNumber&, const DataNumber&) noexcept = default;
};

struct DssMapping {
  DataNumber data_sequence_number;
  uint32_t subflow_sequence_number = 0;  // relative to the subflow's first; 0 with DATA_FIN alone
  uint16_t data_level_length = 0;
  std::optional<uint16_t> checksum = {};

  friend bool operator==(const DssMapping&, const DssMapping&) noexcept = default;
};

struct DssFields {
  uint16_t reserved = 0;  // the 7 bits before the flags
  bool data_fin = false;  // flag F; it says something only beside a mapping
  std::optional<DataNumber> data_ack = {};
  std::optional<DssMapping> mapping = {};

  friend bool operator==(const DssFields&, const DssFields&) noexcept = default;
};

// After Parse every accessor is total. The view borrows: it dies with the packet.
class Dss {
 public:
  static constexpr size_t kFlags = 3;
  static constexpr size_t kMinLength = 4;
  static constexpr size_t kMaxLength = 28;
  static constexpr uint8_t kDataAckPresent = 0x01;    // A
  static constexpr uint8_t kDataAckWide = 0x02;       // a
  static constexpr uint8_t kMappingPresent = 0x04;    // M
  static constexpr uint8_t kDataSequenceWide = 0x08;  // m
  static constexpr uint8_t kDataFin = 0x10;           // F

  // The length must be what the flags say, or 2 more: Linux then reads a checksum, and without a
  // mapping it passes over those two bytes.
  [[nodiscard]] static Expected<Dss, ParseError> Parse(std::span<const uint8_t> option) noexcept;

  [[nodiscard]] uint16_t reserved() const noexcept {
    return static_cast<uint16_t>((LoadBe16(&bytes_[kMptcpSubtype]) & 0x0fff) >> 5);
  }
  [[nodiscard]] bool data_fin() const noexcept { return Flag(kDataFin); }
  [[nodiscard]] std::optional<DataNumber> data_ack() const noexcept;
  [[nodiscard]] std::optional<DssMapping> mapping() const noexcept;

  [[nodiscard]] DssFields fields() const noexcept {
    return {.reserved = reserved(),
            .data_fin = data_fin(),
            .data_ack = data_ack(),
            .mapping = mapping()};
  }
  [[nodiscard]] static size_t EncodedLength(const DssFields& fields) noexcept;
  // `out` is exactly EncodedLength(fields) bytes; all are written.
  static void Emit(const DssFields& fields, std::span<uint8_t> out) noexcept;

 private:
  explicit Dss(std::span<const uint8_t> bytes) noexcept : bytes_(bytes) {}

  bool Flag(uint8_t bit) const noexcept { return (bytes_[kFlags] & bit) != 0; }
  size_t DataAckLength() const noexcept {
    if (!Flag(kDataAckPresent)) return 0;
    return Flag(kDataAckWide) ? 8 : 4;
  }

  std::span<const uint8_t> bytes_;
};

// "dss dack8=1 dsn8=1001 ssn=1 dll=1000 nocs fin"
[[nodiscard]] std::string ToString(const Dss& option);

}  // namespace joinery::wire
