// ADD_ADDR: an address where more subflows may go (RFC 8684 section 3.4.1, figure 12; version 0:
// RFC 6824 section 3.4.1). Version 1 has an HMAC unless the echo flag is set; version 0 has
// neither, and an IP version in place of the flags, so the lengths alone do not tell the two apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/expected.h"
#include "base/ids.h"
#include "base/ip_address.h"
#include "wire/mptcp.h"
#include "wire/parse_error.h"

namespace joinery::wire {

struct AddAddrFields {
  uint8_t version = 1;   // of MPTCP: 0 or 1
  uint8_t reserved = 0;  // version 1: the 3 bits before E (the K bit of draft-baerts is one)
  bool echo = false;     // version 1, flag E: an echo confirms, and carries no HMAC
  uint8_t address_id = 0;
  IpAddress address = {};
  std::optional<Port> port = {};                // absent: that of the connection
  std::optional<uint64_t> truncated_hmac = {};  // version 1 without echo: the rightmost 64 bits

  friend bool operator==(const AddAddrFields&, const AddAddrFields&) noexcept = default;
};

// After Parse every accessor is total. The view borrows: it dies with the packet.
class AddAddr {
 public:
  static constexpr size_t kAddressId = 3;
  static constexpr size_t kAddress = 4;
  static constexpr size_t kMaxLength = 30;
  static constexpr uint8_t kEcho = 0x01;

  // `version` is the connection's: the option does not tell.
  [[nodiscard]] static Expected<AddAddr, ParseError> Parse(std::span<const uint8_t> option,
                                                           uint8_t version) noexcept;

  [[nodiscard]] uint8_t version() const noexcept { return fields_.version; }
  [[nodiscard]] bool echo() const noexcept { return fields_.echo; }
  [[nodiscard]] uint8_t address_id() const noexcept { return fields_.address_id; }
  [[nodiscard]] const IpAddress& address() const noexcept { return fields_.address; }
  [[nodiscard]] std::optional<Port> port() const noexcept { return fields_.port; }
  [[nodiscard]] std::optional<uint64_t> truncated_hmac() const noexcept {
    return fields_.truncated_hmac;
  }

  [[nodiscard]] const AddAddrFields& fields() const noexcept { return fields_; }
  [[nodiscard]] static size_t EncodedLength(const AddAddrFields& fields) noexcept;
  // `out` is exactly EncodedLength(fields) bytes; all are written.
  static void Emit(const AddAddrFields& fields, std::span<uint8_t> out) noexcept;

 private:
  explicit AddAddr(const AddAddrFields& fields) noexcept : fields_(fields) {}

  AddAddrFields fields_;
};

// "add_addr address_id=1 addr=198.18.0.9 port=443 hmac=5", "add_addr echo address_id=1 addr=..."
[[nodiscard]] std::string ToString(const AddAddr& option);

}  // namespace joinery::wire
