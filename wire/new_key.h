// NEW_KEY, proposed by draft-baerts-tcpm-mptcpext-00: subtype 0x9, length 12. A balancer reads
// nothing in it; it only has to be known, so that it is not counted as malformed.
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

struct NewKeyFields {
  uint16_t reserved = 0;  // 12 bits
  uint64_t value = 0;     // opaque to a balancer

  friend bool operator==(const NewKeyFields&, const NewKeyFields&) noexcept = default;
};

// After Parse every accessor is total. The view borrows: it dies with the packet.
class NewKey {
 public:
  static constexpr size_t kValue = 4;
  static constexpr size_t kLength = 12;

  [[nodiscard]] static Expected<NewKey, ParseError> Parse(
      std::span<const uint8_t> option) noexcept {
    if (const auto error = CheckMptcpOption(option, MptcpSubtype::kNewKey)) {
      return unexpected(*error);
    }
    if (option.size() != kLength) return WrongLength();
    return NewKey(option);
  }

  [[nodiscard]] uint16_t reserved() const noexcept {
    return LoadBe16(&bytes_[kMptcpSubtype]) & 0x0fff;
  }
  [[nodiscard]] uint64_t value() const noexcept { return LoadBe64(&bytes_[kValue]); }

  [[nodiscard]] NewKeyFields fields() const noexcept {
    return {.reserved = reserved(), .value = value()};
  }
  // Writes all 12 bytes.
  static void Emit(const NewKeyFields& fields, std::span<uint8_t, kLength> out) noexcept {
    EmitMptcpHead(out, MptcpSubtype::kNewKey, static_cast<uint8_t>(fields.reserved >> 8));
    out[kMptcpSubtype + 1] = static_cast<uint8_t>(fields.reserved);
    StoreBe64(&out[kValue], fields.value);
  }

 private:
  explicit NewKey(std::span<const uint8_t> bytes) noexcept : bytes_(bytes) {}
  std::span<const uint8_t> bytes_;
};

// "new_key value=7"
[[nodiscard]] std::string ToString(const NewKey& option);

}  // namespace joinery::wire
