#include "lb/neighbour/table.h"

#include <algorithm>

#include <fmt/format.h>

namespace joinery::neighbour {
size_t Table::KeyHash::operator()(const Key& key) const noexcept {
  return std::hash<IpAddress>{}(key.address) ^ (size_t{key.port} * 0x9e3779b97f4a7c15U);
}

Table::Table(Slot capacity, Timing timing)
    : timing_(timing),
      slots_(std::min(capacity, kMaxCapacity)),
      words_(std::make_unique<std::atomic<uint64_t>[]>(slots_.size())),
      demanded_(std::make_unique<std::atomic<bool>[]>(slots_.size())) {
  free_.reserve(slots_.size());
  for (Slot slot = static_cast<Slot>(slots_.size()); slot > 0; --slot) free_.push_back(slot - 1);
}

Expected<Slot> Table::Acquire(uint16_t port, const IpAddress& address, Instant now) {
  const Key key{port, address};
  if (const auto found = index_.find(key); found != index_.end()) {
    ++slots_[found->second].references;
    return found->second;
  }
  if (free_.empty()) {
    return Fail(fmt::format("neighbour {}: the table is full; at most {} next hops fit",
                            ToString(address), slots_.size()));
  }
  const Slot slot = free_.back();
  free_.pop_back();
  high_water_ = std::max(high_water_, slot + 1);
  slots_[slot] = Record{.key = key, .entry = MakeEntry(now), .references = 1};
  index_.emplace(key, slot);
  demanded_[slot].store(false, std::memory_order_relaxed);
  Publish(slot);
  return slot;
}

void Table::Release(Slot slot) {
  Record& record = slots_[slot];
  if (--record.references > 0) return;
  index_.erase(record.key);
  free_.push_back(slot);
}

void Table::Answered(uint16_t port, const IpAddress& address, const MacAddress& mac, Instant now) {
  Apply({port, address}, {EventKind::kAnswered, mac}, now);
}

void Table::Heard(uint16_t port, const IpAddress& address, const MacAddress& mac, Instant now) {
  Apply({port, address}, {EventKind::kHeard, mac}, now);
}

void Table::Apply(const Key& key, const Event& event, Instant now) {
  const auto found = index_.find(key);
  if (found == index_.end()) return;
  // Neither event asks anything at once: what they make due, the next tick sends.
  static_cast<void>(Step(slots_[found->second].entry, event, now, timing_));
  Publish(found->second);
}

std::optional<Link> Table::Find(uint16_t port, const IpAddress& address) const noexcept {
  const auto found = index_.find({port, address});
  if (found == index_.end()) return std::nullopt;
  return Load(found->second);
}

size_t Table::Tick(Instant now, std::span<Probe> probes) {
  size_t written = 0;
  const Slot count = std::min(kSlotsPerTick, high_water_);
  for (Slot i = 0; i < count && written < probes.size(); ++i) {
    const Slot slot = cursor_;
    cursor_ = (cursor_ + 1) % high_water_;
    Record& record = slots_[slot];
    if (record.references == 0) continue;
    Action action = Step(record.entry, {EventKind::kTick, {}}, now, timing_);
    if (demanded_[slot].exchange(false, std::memory_order_relaxed) && action == Action::kNone) {
      action = Step(record.entry, {EventKind::kDemand, {}}, now, timing_);
    }
    Publish(slot);
    if (action == Action::kNone) continue;
    probes[written++] = Probe{
        .port = record.key.port,
        .target = record.key.address,
        .unicast = action == Action::kAskOne ? std::optional(record.entry.mac) : std::nullopt};
  }
  return written;
}

std::vector<NeighbourStatus> Table::Status() const {
  std::vector<NeighbourStatus> status;
  for (Slot slot = 0; slot < high_water_; ++slot) {
    const Record& record = slots_[slot];
    if (record.references == 0) continue;
    status.push_back({record.key.port, record.key.address, Load(slot)});
  }
  return status;
}

void Table::Demand(Slot slot) noexcept {
  // Reads first: a dead backend's packets must not bounce the line between cores.
  if (!demanded_[slot].load(std::memory_order_relaxed)) {
    demanded_[slot].store(true, std::memory_order_relaxed);
  }
}

void Table::Publish(Slot slot) noexcept {
  const Entry& entry = slots_[slot].entry;
  const uint64_t word = Link(entry.mac, entry.state).word();
  // Cores read these lines for every packet: write only what changed.
  if (words_[slot].load(std::memory_order_relaxed) != word) {
    words_[slot].store(word, std::memory_order_relaxed);
  }
}

}  // namespace joinery::neighbour
