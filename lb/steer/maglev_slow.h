// The table of maglev.h once more, as its text says it and as slowly as that is: the twin that the
// real one is held against.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "crypto/siphash.h"
#include "lb/steer/maglev.h"

namespace joinery::steer {

inline uint64_t SlowMaglevHash(const crypto::Key128& secret, const std::string& message) {
  return crypto::SipHash13(
      secret, std::span(reinterpret_cast<const uint8_t*>(message.data()), message.size()));
}

inline std::vector<uint16_t> SlowMaglevTable(std::vector<MaglevBackend> backends,
                                             const crypto::Key128& secret, uint32_t size) {
  std::erase_if(backends, [](const MaglevBackend& b) { return b.weight == 0; });
  if (backends.empty()) return {};
  std::ranges::sort(backends, [](const auto& a, const auto& b) { return a.name < b.name; });
  uint64_t sum = 0;
  uint32_t largest = 0;
  for (const auto& b : backends) sum += b.weight, largest = std::max(largest, b.weight);

  // Whole preference lists, and how many slots each may take.
  std::map<std::string, std::vector<uint32_t>> preference;
  std::map<std::string, uint64_t> share;
  uint64_t given = 0;
  for (const auto& b : backends) {
    const std::string name(b.name);
    const uint64_t offset = SlowMaglevHash(secret, "offset:" + name) % size;
    const uint64_t skip = SlowMaglevHash(secret, "skip:" + name) % (size - 1) + 1;
    for (uint64_t k = 0; k < size; ++k) {
      preference[name].push_back(static_cast<uint32_t>((offset + k * skip) % size));
    }
    given += share[name] = uint64_t{size} * b.weight / sum;
  }
  for (; given < size; ++given) {  // the largest fraction that has got nothing yet
    std::string best;
    uint64_t best_fraction = 0;
    for (const auto& b : backends) {
      const uint64_t fraction = uint64_t{size} * b.weight % sum;
      const bool served = share[std::string(b.name)] > uint64_t{size} * b.weight / sum;
      if (!served && (best.empty() || fraction > best_fraction)) {
        best = b.name;
        best_fraction = fraction;
      }
    }
    ++share[best];
  }

  std::vector<int> table(size, -1);
  std::map<std::string, uint64_t> turns;
  for (uint64_t round = 1; std::ranges::find(table, -1) != table.end(); ++round) {
    for (const auto& b : backends) {
      const std::string name(b.name);
      // The n-th turn is in the first round r with r * weight >= n * largest.
      if (round * b.weight < (turns[name] + 1) * largest) continue;
      ++turns[name];
      if (share[name] == 0) continue;
      --share[name];
      const auto& list = preference[name];
      table[*std::ranges::find_if(list, [&](uint32_t s) { return table[s] == -1; })] = b.value;
    }
  }
  return {table.begin(), table.end()};
}

}  // namespace joinery::steer
