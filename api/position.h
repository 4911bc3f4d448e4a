// Where a receiver is in the sequence of views: docs/protocol.md section 3, invariant I8. Control
// adds 1 to the epoch at each of its starts, durably, so that a control restored from an old backup
// can not undo what it has forgotten. Nobody goes back, or takes other bytes under the same
// position.
#pragma once

#include <array>
#include <compare>
#include <cstdint>

namespace joinery::api {

// Ordered by epoch, then by version. {0, 0}: nothing yet.
struct Position {
  uint64_t epoch = 0;
  uint64_t version = 0;

  friend constexpr auto operator<=>(const Position&, const Position&) noexcept = default;
};

// SHA-256.
using Digest = std::array<uint8_t, 32>;

// A view as its receiver has it: `digest` is of the exact bytes of the body it got.
struct Stamp {
  Position at;
  Digest digest{};

  friend bool operator==(const Stamp&, const Stamp&) noexcept = default;
};

}  // namespace joinery::api
