#include "lb/steer/counters.h"

namespace joinery::steer {
namespace {

template <size_t kSize>
void AddAll(const std::array<Counter, kSize>& from, std::array<uint64_t, kSize>& to) {
  for (size_t i = 0; i < kSize; ++i) to[i] += from[i].Read();
}

}  // namespace

CounterTotals SumCounters(std::span<const Counters* const> lcores, const Snapshot& snapshot) {
  CounterTotals totals;
  totals.pools.resize(snapshot.pools().size());
  totals.backends.resize(snapshot.backends().size());
  for (const Counters* lcore : lcores) {
    AddAll(lcore->actions, totals.actions);
    AddAll(lcore->rules, totals.rules);
    AddAll(lcore->drops, totals.drops);
    AddAll(lcore->parse_errors, totals.parse_errors);
    AddAll(lcore->notes, totals.notes);
    for (size_t i = 0; i < totals.pools.size(); ++i) AddAll(lcore->pools[i], totals.pools[i]);
    for (size_t i = 0; i < totals.backends.size(); ++i) {
      totals.backends[i].packets += lcore->backends[i].packets.Read();
      totals.backends[i].bytes += lcore->backends[i].bytes.Read();
    }
  }
  return totals;
}

}  // namespace joinery::steer
