// The tables of the fast path, copied from a configuration and its snapshot.
#pragma once

#include <algorithm>
#include <vector>

#include "lb/steer/avx512/fast_path.h"
#include "lb/steer/snapshot.h"

namespace joinery::steer::avx512 {

inline FastPath MakeFastPath(const settings::Config& config, const Snapshot& snapshot) {
  std::vector<FastPath::Entry> entries;
  uint16_t smallest = UINT16_MAX;
  for (const BackendEntry& b : snapshot.backends()) {
    if (!b.vacant()) smallest = std::min(smallest, b.mtu);
  }
  for (const settings::Pool& pool : config.pools) {
    const auto entry =
        std::find_if(snapshot.pools().begin(), snapshot.pools().end(),
                     [&](const PoolEntry& p) { return !p.vacant && p.id == pool.id; });
    for (const settings::Vip& vip : pool.vips) {
      if (vip.protocol != 6) continue;
      for (const Port port : vip.ports) {
        entries.push_back({.address = vip.address,
                           .port = port,
                           .pool = static_cast<uint16_t>(entry - snapshot.pools().begin()),
                           .pool_id = entry->id,
                           .decodes = entry->decoder.has_value(),
                           .table = entry->table,
                           .secret = entry->hash_secret});
      }
    }
  }
  return FastPath(entries, smallest);
}

}  // namespace joinery::steer::avx512
