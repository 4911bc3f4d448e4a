#include "lb/steer/maglev.h"

#include <algorithm>
#include <cstring>
#include <string>

#include <fmt/format.h>

#include "crypto/siphash.h"

namespace joinery::steer {
namespace {

// One backend on its way through its preferences.
struct Walker {
  uint32_t slot = 0;  // next in its preference
  uint32_t skip = 0;
  uint32_t quota = 0;  // slots still to take
  uint16_t value = 0;
  uint32_t weight = 0;
  uint32_t credit = 0;  // a turn costs the largest weight
};

bool IsPrime(uint32_t n) {
  if (n < 2) return false;
  for (uint64_t d = 2; d * d <= n; ++d) {
    if (n % d == 0) return false;
  }
  return true;
}

uint64_t Hash(const crypto::Key128& secret, std::string_view purpose, std::string_view name) {
  std::string message(purpose);
  message += name;
  return crypto::SipHash13(secret,
                           {reinterpret_cast<const uint8_t*>(message.data()), message.size()});
}

// Largest remainder: everyone gets the floor of its share, then the largest fractions one more.
void SetQuotas(std::span<Walker> walkers, uint32_t size) {
  uint64_t sum = 0;
  for (const Walker& w : walkers) sum += w.weight;
  uint64_t left = size;
  for (Walker& w : walkers) {
    w.quota = static_cast<uint32_t>(uint64_t{size} * w.weight / sum);
    left -= w.quota;
  }
  std::vector<Walker*> by_fraction;
  for (Walker& w : walkers) by_fraction.push_back(&w);
  std::ranges::stable_sort(by_fraction, std::greater{},
                           [&](const Walker* w) { return uint64_t{size} * w->weight % sum; });
  for (Walker* w : std::span(by_fraction).first(left)) ++w->quota;
}

// In the order of turns.
std::vector<Walker> MakeWalkers(std::span<const MaglevBackend> backends,
                                const crypto::Key128& secret, uint32_t size) {
  std::vector<MaglevBackend> sorted;
  std::ranges::copy_if(backends, std::back_inserter(sorted),
                       [](const MaglevBackend& b) { return b.weight > 0; });
  std::ranges::sort(sorted, {}, &MaglevBackend::name);
  std::vector<Walker> walkers;
  for (const MaglevBackend& b : sorted) {
    walkers.push_back(
        {.slot = static_cast<uint32_t>(Hash(secret, "offset:", b.name) % size),
         .skip = static_cast<uint32_t>(Hash(secret, "skip:", b.name) % (size - 1)) + 1,
         .value = b.value,
         .weight = b.weight});
  }
  if (!walkers.empty()) SetQuotas(walkers, size);
  return walkers;
}

uint32_t Next(const Walker& walker, uint32_t slot, uint32_t size) {
  const uint32_t next = slot + walker.skip;
  return next >= size ? next - size : next;
}

std::vector<uint16_t> Fill(std::span<Walker> walkers, uint32_t size) {
  std::vector<uint16_t> table(size);
  std::vector<uint8_t> taken(size);
  const uint32_t turn_cost = std::ranges::max(walkers, {}, &Walker::weight).weight;
  for (uint32_t filled = 0; filled < size;) {
    for (Walker& w : walkers) {
      w.credit += w.weight;
      if (w.credit < turn_cost) continue;
      w.credit -= turn_cost;
      if (w.quota == 0) continue;
      uint32_t slot = w.slot;
      while (taken[slot] != 0) slot = Next(w, slot, size);
      taken[slot] = 1;
      table[slot] = w.value;
      w.slot = Next(w, slot, size);
      --w.quota;
      ++filled;
    }
  }
  return table;
}

}  // namespace

Expected<std::vector<uint16_t>> BuildMaglevTable(std::span<const MaglevBackend> backends,
                                                 const crypto::Key128& secret, uint32_t size) {
  if (!IsPrime(size)) return Fail(fmt::format("table size {} is no prime", size));
  std::vector<Walker> walkers = MakeWalkers(backends, secret, size);
  if (walkers.empty()) return std::vector<uint16_t>{};
  return Fill(walkers, size);
}

}  // namespace joinery::steer
