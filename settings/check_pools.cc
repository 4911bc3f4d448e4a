#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "settings/check.h"
#include "settings/unique.h"
#include "tokenmap/scheme.h"

namespace joinery::settings {
namespace {

void CheckId(const PoolDraft& pool, const BackendDraft& backend) {
  if (!pool.map.Valid("max_backends") || !backend.map.Valid("id")) return;
  const int bits = tokenmap::IdBits(pool.pool.max_backends);
  const int largest = (1 << bits) - 1;
  const int id = backend.backend.id.value();
  if (id <= largest) return;
  backend.map.Fail("id", fmt::format("{} is too large; allowed 0..{} ({} ID bits with "
                                     "max_backends: {})",
                                     id, largest, bits, pool.pool.max_backends));
}

}  // namespace

void CheckBackends(const PoolDraft& pool) {
  Unique<BackendId> ids;
  for (const BackendDraft& draft : pool.backends) {
    CheckId(pool, draft);
    ids.Add(draft.map, "id", draft.backend.id);
  }
  CheckBackendNames(pool);
}

void CheckBackendNames(const PoolDraft& pool) {
  Unique<std::string> names;
  Unique<IpAddress> addresses;
  for (const BackendDraft& draft : pool.backends) {
    names.Add(draft.map, "name", draft.backend.name);
    addresses.Add(draft.map, "address", draft.backend.address);
  }
  if (!pool.map.Valid("max_backends")) return;
  if (pool.backends.size() > pool.pool.max_backends) {
    pool.map.Fail("backends", fmt::format("{} are too many; allowed {} (max_backends)",
                                          pool.backends.size(), pool.pool.max_backends));
  }
  if (pool.map.Valid("table_size") && pool.pool.table_size < pool.pool.max_backends) {
    pool.map.Fail("table_size", fmt::format("{} is too small; allowed from {} (max_backends)",
                                            pool.pool.table_size, pool.pool.max_backends));
  }
}

void CheckPools(std::span<const PoolDraft> pools) {
  Unique<std::string> names;
  Unique<PoolId> ids;
  std::vector<std::pair<Key128, Position>> keys;
  for (const PoolDraft& draft : pools) {
    names.Add(draft.map, "name", draft.pool.name);
    ids.Add(draft.map, "id", draft.pool.id);
    if (!draft.scheme) continue;
    for (const GenerationDraft& generation : draft.scheme->generations) {
      const auto file = generation.map.Find("key_file");
      if (!file || generation.generation.key == Key128{}) continue;  // none, or reported
      const Key128& key = generation.generation.key;
      const auto first = std::ranges::find(keys, key, &std::pair<Key128, Position>::first);
      if (first == keys.end()) {
        keys.emplace_back(key, file->at());
        continue;
      }
      file->Fail(fmt::format("holds the same key as that in line {}; each generation has its own",
                             first->second.line));
    }
  }
}

}  // namespace joinery::settings
