// A table in which each key has one slot where it may be, so that a lookup is one look. What
// collides with another is left out: the vector engine leaves whatever it does not know to the
// scalar one. Built once, then read-only.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/random.h"

namespace joinery::steer::avx512 {

// An address, port and family as a packet shows them: loaded as they lie, in network order.
struct ServiceKey {
  uint64_t address_front = 0;  // bytes 0 to 7 of an IPv6 address; the four of an IPv4 one
  uint64_t address_back = 0;   // bytes 8 to 15; 0 for IPv4
  uint32_t port = 0;           // the family (4 or 6) in the upper half; 0: no service

  friend bool operator==(const ServiceKey&, const ServiceKey&) noexcept = default;
};

template <typename Entry>  // has a ServiceKey `key`
class OneLook {
 public:
  OneLook() : slots_(1) {}
  explicit OneLook(std::span<const Entry> entries) {
    const size_t slots = std::bit_ceil(std::max<size_t>(2, entries.size() * kSlotsForEach));
    shift_ = 64 - static_cast<unsigned>(std::countr_zero(slots));
    SeededRandom random(1);  // any will do: nobody gains by colliding with an operator's own
    uint64_t best[2] = {1, 1};
    for (int i = 0; i < kTries && size_ < entries.size(); ++i) {
      odd_[0] = random.Uint64() | 1;
      odd_[1] = random.Uint64() | 1;
      slots_.assign(slots, Entry{});
      const size_t placed = Fill(entries);
      if (placed <= size_) continue;
      size_ = placed;
      std::copy_n(odd_, 2, best);
    }
    std::copy_n(best, 2, odd_);
    slots_.assign(slots, Entry{});
    size_ = Fill(entries);
  }

  // Null when it is not there.
  [[nodiscard]] const Entry* Find(const ServiceKey& key) const noexcept {
    const Entry& slot = slots_[SlotOf(key)];
    return slot.key == key ? &slot : nullptr;
  }

  // How many entries Find knows.
  [[nodiscard]] size_t size() const noexcept { return size_; }

 private:
  // Multipliers to try. With eight slots for each entry a dozen entries collide under every third
  // pair of multipliers, hundreds under nearly every one: then the best pair leaves a few out.
  static constexpr int kTries = 64;
  static constexpr size_t kSlotsForEach = 8;

  [[nodiscard]] size_t SlotOf(const ServiceKey& key) const noexcept {
    return ((key.address_front + key.port) * odd_[0] + key.address_back * odd_[1]) >> shift_;
  }
  // Puts every entry into its slot; those whose slot is taken stay out. Returns how many are in.
  size_t Fill(std::span<const Entry> entries) {
    size_t placed = 0;
    for (const Entry& entry : entries) {
      Entry& slot = slots_[SlotOf(entry.key)];
      if (slot.key.port != 0) continue;
      slot = entry;
      ++placed;
    }
    return placed;
  }

  uint64_t odd_[2] = {1, 1};
  unsigned shift_ = 63;  // 64 less the bits of a slot's number
  size_t size_ = 0;
  std::vector<Entry> slots_;
};

}  // namespace joinery::steer::avx512
