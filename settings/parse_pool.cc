#include <fmt/format.h>

#include "settings/parse.h"
#include "settings/prime.h"
#include "tokenmap/scheme.h"

namespace joinery::settings {

void ParseTableSize(const MapReader& map, uint32_t& slots) {
  map.Number("table_size", slots);
  if (!IsPrime(slots)) {
    map.Fail("table_size",
             fmt::format("{} is not a prime; did you mean {}?", slots, NextPrime(slots)));
  }
}

void ParseKeyFile(const MapReader& map, std::string_view key, const KeyReader& read_key,
                  std::string& name, Key128& secret) {
  const auto value = map.Find(key);
  if (!value) return;
  auto path = value->Text();
  if (!path) return;
  const auto bytes = read_key(*path);
  if (!bytes) {
    value->Fail(bytes.error().message);
    return;
  }
  name = *std::move(path);
  secret = *bytes;
}

PoolDraft ParsePool(const MapReader& map, const KeyReader& read_key) {
  PoolDraft draft{.pool = {}, .map = map, .scheme = {}, .cookie = {}, .vips = {}, .backends = {}};
  Pool& pool = draft.pool;
  map.Name("name", pool.name);
  uint32_t id = 0;
  map.Number("id", id);
  pool.id = PoolId(id);
  map.Number("max_backends", pool.max_backends);
  map.Word("handshake", pool.handshake);
  if (const auto scheme = map.Sub("scheme", SchemeSection())) {
    draft.scheme = ParseScheme(*scheme, read_key);
  }
  if (const auto cookie = map.Sub("cookie", CookieSection())) {
    draft.cookie = ParseCookie(*cookie, read_key);
  }
  ParseKeyFile(map, "hash_secret_file", read_key, pool.hash_secret_file, pool.hash_secret);
  ParseTableSize(map, pool.table_size);
  map.Number("join_rate", pool.join_rate);
  for (const MapReader& vip : map.Sections("vips", VipSection())) {
    draft.vips.push_back(ParseVip(vip));
  }
  for (const MapReader& backend : map.Sections("backends", BackendSection())) {
    draft.backends.push_back(ParseBackend(backend));
  }
  return draft;
}

}  // namespace joinery::settings
