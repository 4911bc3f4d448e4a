// The lookup table that spreads flows over a pool's backends: Maglev hashing (Eisenbud et al.,
// "Maglev: A Fast and Reliable Software Network Load Balancer", NSDI 2016, section 3.4), with
// weights. Every balancer that has the same names, weights, secret and size builds the same table;
// testdata/maglev_golden.txt fixes it across versions.
//
//   offset = SipHash-1-3(secret, "offset:" name) mod size
//   skip   = SipHash-1-3(secret, "skip:" name) mod (size - 1) + 1
//
// Backend i prefers slots (offset + k * skip) mod size, k = 0, 1, 2... Backends take turns in the
// order of their names; at its turn one takes the next slot of its preference that is free. A
// backend of the largest weight has a turn in every round, one of half that weight in every second.
// Nobody takes more than its share: size * weight / (sum of weights), rounded down, and the slots
// that this leaves go one each to the largest fractions (of equal ones, the first by name).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/expected.h"
#include "crypto/key128.h"

namespace joinery::steer {

struct MaglevBackend {
  std::string_view name;  // unique in the pool
  uint32_t weight = 1;    // 0: takes no slot
  uint16_t value = 0;     // what its slots hold
};

// `size` slots, each the value of a backend within one slot of its share; empty when no backend has
// a weight. The order of `backends` does not matter. Refuses a size that is no prime, since a skip
// could then miss slots.
[[nodiscard]] Expected<std::vector<uint16_t>> BuildMaglevTable(
    std::span<const MaglevBackend> backends, const crypto::Key128& secret, uint32_t size);

// The slot of a flow's hash: the upper half, so that the lower is left to other tables.
[[nodiscard]] constexpr uint32_t MaglevSlot(uint64_t hash, size_t size) noexcept {
  return static_cast<uint32_t>(((hash >> 32) * size) >> 32);
}

}  // namespace joinery::steer
