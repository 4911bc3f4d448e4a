#include "lb/steer/maglev.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "crypto/siphash.h"

namespace joinery::steer {
namespace {

// How many slots of a preference are looked at together: to guess after each one whether it is free
// would go wrong at nearly every slot taken.
constexpr size_t kLook = 4;

// The skip of a preference, twice the skip and so on, modulo the size.
using Steps = std::array<uint32_t, kLook>;

// One backend on its way through its preferences.
struct Walker {
  uint32_t slot = 0;   // next in its preference
  Steps steps{};       // what leads on from there
  uint32_t quota = 0;  // slots still to take
  uint16_t value = 0;
  uint32_t weight = 0;
  uint32_t credit = 0;   // a turn costs the largest weight
  uint32_t inverse = 0;  // of skip, modulo the size; 0: not yet computed
  uint32_t scaled = 0;   // floor(2^32 * inverse / size)
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

// slot + step modulo size; both are below it, and it is below 2^31.
uint32_t Forth(uint32_t slot, uint32_t step, uint32_t size) noexcept {
  const uint32_t sum = slot + step;
  return std::min(sum, sum - size);  // of which one has wrapped round and is huge
}
uint32_t Back(uint32_t slot, uint32_t step, uint32_t size) noexcept {
  const uint32_t difference = slot - step;
  return std::min(difference, difference + size);
}

Steps StepsOf(uint32_t skip, uint32_t size) noexcept {
  Steps steps{skip};
  for (size_t i = 1; i < kLook; ++i) steps[i] = Forth(steps[i - 1], skip, size);
  return steps;
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
    const auto skip = static_cast<uint32_t>(Hash(secret, "skip:", b.name) % (size - 1)) + 1;
    walkers.push_back({.slot = static_cast<uint32_t>(Hash(secret, "offset:", b.name) % size),
                       .steps = StepsOf(skip, size),
                       .value = b.value,
                       .weight = b.weight});
  }
  if (!walkers.empty()) SetQuotas(walkers, size);
  return walkers;
}

// By Euclid's algorithm; `size` is a prime.
uint32_t InverseOf(uint32_t skip, uint32_t size) noexcept {
  int64_t a = size, b = skip;
  int64_t of_a = 0, of_b = 1;  // times skip they are a and b, modulo size
  while (b != 1) {
    const int64_t quotient = a / b;
    a = std::exchange(b, a - quotient * b);
    of_a = std::exchange(of_b, of_a - quotient * of_b);
  }
  return static_cast<uint32_t>(of_b < 0 ? of_b + size : of_b);
}

// A table being filled. To walk to a free slot takes size / free steps, so of all steps half would
// go to the last thousandth of the slots. The last few are therefore found the other way round: for
// each free slot one multiplication tells its place in a backend's preference.
class Filling {
 public:
  explicit Filling(uint32_t size) : size_(size), table_(size), taken_(size / 32 + 1) {
    // About where both ways cost the same.
    while (uint64_t{few_} * few_ < size) ++few_;
  }

  // Gives a backend the first free slot of its preference.
  void Serve(Walker& walker) {
    const uint32_t slot = left_ > few_ ? Walk(walker) : TakeOfFew(walker);
    table_[slot] = walker.value;
    taken_[slot / 32] |= 1u << (slot % 32);
    walker.slot = Forth(slot, walker.steps[0], size_);
    --walker.quota;
    --left_;
  }

  [[nodiscard]] bool full() const noexcept { return left_ == 0; }
  [[nodiscard]] std::vector<uint16_t> TakeTable() && { return std::move(table_); }

 private:
  // 1 or 0.
  [[nodiscard]] uint32_t Free(uint32_t slot) const noexcept {
    return ~taken_[slot / 32] >> (slot % 32) & 1;
  }

  [[nodiscard]] uint32_t Walk(const Walker& walker) const noexcept {
    static_assert(kLook == 4);
    const auto& [skip, skip2, skip3, skip4] = walker.steps;
    for (uint32_t slot = walker.slot;; slot = Forth(slot, skip4, size_)) {
      const uint32_t slot1 = Forth(slot, skip, size_);
      const uint32_t slot2 = Forth(slot, skip2, size_);
      const uint32_t slot3 = Forth(slot, skip3, size_);
      const uint32_t free = Free(slot) | Free(slot1) << 1 | Free(slot2) << 2 | Free(slot3) << 3;
      if (free == 0) continue;
      const uint32_t slots[] = {slot, slot1, slot2, slot3};
      return slots[std::countr_zero(free)];
    }
  }

  void CollectFew() {
    places_.resize(size_);
    for (uint32_t slot = 0; slot < size_; ++slot) {
      if (Free(slot) == 0) continue;
      places_[slot] = static_cast<uint32_t>(free_list_.size());
      free_list_.push_back(slot);
    }
  }

  // A slot is k steps on when it is walker.slot + k * skip. Distance times inverse skip is reduced
  // by a quotient that is exact or one too small (Barrett's way).
  [[nodiscard]] uint32_t TakeOfFew(Walker& walker) {
    if (free_list_.empty()) CollectFew();
    if (walker.inverse == 0) {
      walker.inverse = InverseOf(walker.steps[0], size_);
      walker.scaled = static_cast<uint32_t>((uint64_t{walker.inverse} << 32) / size_);
    }
    uint32_t steps = UINT32_MAX;  // to the nearest
    for (const uint32_t slot : free_list_) {
      const uint32_t distance = Back(slot, walker.slot, size_);
      const auto quotient = static_cast<uint32_t>((uint64_t{distance} * walker.scaled) >> 32);
      const uint32_t k = distance * walker.inverse - quotient * size_;
      steps = std::min({steps, k, k - size_});
    }
    const auto slot =
        static_cast<uint32_t>((walker.slot + uint64_t{steps} * walker.steps[0]) % size_);
    const uint32_t last = free_list_.back();
    free_list_[places_[slot]] = last;
    places_[last] = places_[slot];
    free_list_.pop_back();
    return slot;
  }

  uint32_t size_;
  uint32_t left_ = size_;  // slots that nobody has
  uint32_t few_ = 0;       // slots left
  std::vector<uint16_t> table_;
  std::vector<uint32_t> taken_;      // a bit for each slot, so that all of it stays in the L1 cache
  std::vector<uint32_t> free_list_;  // once they are few
  std::vector<uint32_t> places_;     // of a free slot in that list
};

std::vector<uint16_t> Fill(std::span<Walker> walkers, uint32_t size) {
  if (walkers.size() == 1) return std::vector<uint16_t>(size, walkers[0].value);
  const uint32_t turn_cost = std::ranges::max(walkers, {}, &Walker::weight).weight;
  Filling filling(size);
  while (!filling.full()) {
    for (Walker& w : walkers) {
      w.credit += w.weight;
      if (w.credit < turn_cost) continue;
      w.credit -= turn_cost;
      if (w.quota != 0) filling.Serve(w);
    }
  }
  return std::move(filling).TakeTable();
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
