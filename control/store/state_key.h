// The 256-bit key that encrypts the state at rest. It is wiped when it goes and has no printer.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "base/expected.h"
#include "crypto/wipe.h"

namespace joinery::control {

class StateKey {
 public:
  static constexpr size_t kBytes = 32;

  explicit StateKey(std::span<const uint8_t, kBytes> bytes) noexcept;
  StateKey(const StateKey&) noexcept = default;
  StateKey& operator=(const StateKey&) noexcept = default;
  ~StateKey() { crypto::Wipe(bytes_); }

  [[nodiscard]] std::span<const uint8_t, kBytes> bytes() const noexcept { return bytes_; }

 private:
  std::array<uint8_t, kBytes> bytes_{};
};

// From a file of 64 hexadecimal digits that belongs to this user and that only he may read.
[[nodiscard]] Expected<StateKey> ReadStateKey(const std::string& path);

}  // namespace joinery::control
