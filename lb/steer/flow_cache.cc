#include "lb/steer/flow_cache.h"

#include <algorithm>

namespace joinery::steer {
namespace {

uint16_t TickOf(Instant now) noexcept {
  return static_cast<uint16_t>((now.time_since_epoch() / FlowCache::kTick) & 0x7fff);
}

}  // namespace

FlowCache::FlowCache(uint32_t flows)
    : probation_sets_(std::max<uint32_t>(1, flows / kProbationShare / kWays)),
      kept_sets_(std::max<uint32_t>(kMinFlows, flows) / kWays - probation_sets_),
      sets_(std::make_unique<Set[]>(size_t{probation_sets_} + kept_sets_)) {}

FlowCache::Entry* FlowCache::FindIn(Set& set, const Flow& flow) noexcept {
  for (Entry& entry : set.entries) {
    if (entry.hash == flow.hash && entry.pool == flow.pool && entry.backend != kEmpty) {
      return &entry;
    }
  }
  return nullptr;
}

FlowCache::Admission FlowCache::Store(Set& set, const Flow& flow, uint16_t backend, uint16_t used,
                                      int handicap) noexcept {
  // For how long an entry counts as idle at the instant of `used`.
  const auto score = [&](uint16_t entry_used) {
    const int idle = (used - entry_used) & kTickMask;
    return (entry_used & kJoinedBit) != 0 ? idle : idle + handicap;
  };
  // Field by field: an entry that is put together elsewhere and copied whole waits for its parts.
  const auto put = [&](Entry& e) {
    e.hash = flow.hash;
    e.pool = flow.pool;
    e.backend = backend;
    e.used = used;
  };
  if (Entry* place = FindIn(set, flow); place != nullptr) {
    put(*place);
    return Admission::kStored;
  }
  Entry* victim = &set.entries[0];
  for (Entry& e : set.entries) {
    if (e.backend == kEmpty) {
      put(e);
      return Admission::kStored;
    }
    if (score(e.used) > score(victim->used)) victim = &e;
  }
  // A newcomer that would be the first to leave does not come in.
  if (score(used) > score(victim->used)) return Admission::kRefused;
  put(*victim);
  return Admission::kStoredEvicting;
}

FlowCache::Admission FlowCache::Admit(const Flow& flow, BackendId backend, Kind kind,
                                      Instant now) noexcept {
  const uint16_t joined = kind == Kind::kJoined ? kJoinedBit : uint16_t{0};
  return Store(sets_[ProbationIndex(flow.hash)], flow, backend.value(),
               static_cast<uint16_t>(TickOf(now) | joined), kProbationHandicap);
}

std::optional<FlowCache::Hit> FlowCache::Find(const Flow& flow, Instant now) noexcept {
  const auto touched = [&](const Entry& entry) {
    return static_cast<uint16_t>(TickOf(now) | (entry.used & kJoinedBit));
  };
  // Probation first: what is there is newer.
  if (Entry* entry = FindIn(sets_[ProbationIndex(flow.hash)], flow); entry != nullptr) {
    entry->used = touched(*entry);
    const BackendId backend(entry->backend);
    const Admission kept =
        Store(sets_[KeptIndex(flow.hash)], flow, entry->backend, entry->used, kKeptHandicap);
    if (kept != Admission::kRefused) *entry = Entry{};
    return Hit{.backend = backend, .evicted = kept == Admission::kStoredEvicting};
  }
  if (Entry* entry = FindIn(sets_[KeptIndex(flow.hash)], flow); entry != nullptr) {
    entry->used = touched(*entry);
    return Hit{.backend = BackendId(entry->backend)};
  }
  return std::nullopt;
}

}  // namespace joinery::steer
