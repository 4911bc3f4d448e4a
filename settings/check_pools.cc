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

// Of generations and cookie epochs: two that share a key tell more than one.
class UniqueKeys {
 public:
  void Add(const MapReader& map, const Key128& key) {
    const auto file = map.Find("key_file");
    if (!file || key == Key128{}) return;  // none, or reported
    const auto first = std::ranges::find(seen_, key, &std::pair<Key128, Position>::first);
    if (first == seen_.end()) {
      seen_.emplace_back(key, file->at());
      return;
    }
    file->Fail(
        fmt::format("holds the same key as that in line {}; each generation and epoch has its own",
                    first->second.line));
  }

 private:
  std::vector<std::pair<Key128, Position>> seen_;
};

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
  UniqueKeys keys;
  for (const PoolDraft& draft : pools) {
    names.Add(draft.map, "name", draft.pool.name);
    ids.Add(draft.map, "id", draft.pool.id);
    if (draft.scheme) {
      for (const GenerationDraft& g : draft.scheme->generations) keys.Add(g.map, g.generation.key);
    }
    if (draft.cookie) {
      for (const CookieEpochDraft& e : draft.cookie->epochs) keys.Add(e.map, e.epoch.key);
    }
  }
}

}  // namespace joinery::settings
