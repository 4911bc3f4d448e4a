// A 128-bit secret: of a generation (AES-128) or of a pool's hash (SipHash). It is wiped when it
// goes and has no printer, on purpose.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "crypto/wipe.h"

namespace joinery::crypto {

class Key128 {
 public:
  static constexpr size_t kBytes = 16;
  using Bytes = std::array<uint8_t, kBytes>;

  // All zero: what an unused key is.
  Key128() noexcept = default;
  // Implicit, so that plain bytes read from a file become a key where one is asked for.
  Key128(const Bytes& bytes) noexcept : bytes_(bytes) {}  // NOLINT(google-explicit-constructor)
  Key128(const Key128&) noexcept = default;
  Key128& operator=(const Key128&) noexcept = default;
  ~Key128() { Wipe(bytes_); }

  [[nodiscard]] std::span<const uint8_t, kBytes> bytes() const noexcept { return bytes_; }

  // In a time that does not depend on the bytes.
  friend bool operator==(const Key128& a, const Key128& b) noexcept {
    uint8_t difference = 0;
    for (size_t i = 0; i < kBytes; ++i) {
      difference = static_cast<uint8_t>(difference | (a.bytes_[i] ^ b.bytes_[i]));
    }
    return difference == 0;
  }

 private:
  Bytes bytes_{};
};

}  // namespace joinery::crypto
