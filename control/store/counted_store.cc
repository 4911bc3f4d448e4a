#include "control/store/counted_store.h"

#include <algorithm>

namespace joinery::control {

Expected<void> CountedStore::Save(uint64_t epoch, const std::string& body) {
  const Instant before = clock_.Now();
  auto saved = store_.Save(epoch, body);
  if (!saved) return saved;
  const Nanoseconds took = clock_.Now() - before;
  ++counters_.writes;
  counters_.taken += took;
  counters_.longest = std::max(counters_.longest, took);
  counters_.last_bytes = body.size();
  return saved;
}

}  // namespace joinery::control
