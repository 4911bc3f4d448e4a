#include "tokenmap/tokenmap.h"

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "tokenmap/lease_client.h"

// NOLINTNEXTLINE(readability-identifier-naming): a C name
struct joinery_tokenmap {
  std::unique_ptr<joinery::tokenmap::LeaseClient> client;
  std::string why;
};

namespace {

using joinery::tokenmap::LeaseClient;
using joinery::tokenmap::LeaseError;
using joinery::tokenmap::LeaseKind;
using joinery::tokenmap::RefusalReason;

int CodeOf(const LeaseError& error) {
  if (error.kind == LeaseError::Kind::kInvalid) return JOINERY_INVALID;
  if (error.kind == LeaseError::Kind::kNoAgent) return JOINERY_NO_AGENT;
  switch (error.reason) {
    case RefusalReason::kNotAllowed:
      return JOINERY_NOT_ALLOWED;
    case RefusalReason::kNoScheme:
      return JOINERY_NO_SCHEME;
    case RefusalReason::kDraining:
      return JOINERY_DRAINING;
    case RefusalReason::kQuota:
      return JOINERY_QUOTA;
    case RefusalReason::kCrowded:
      return JOINERY_CROWDED;
    default:
      return JOINERY_REFUSED;
  }
}

int Failed(joinery_tokenmap& map, const LeaseError& error) {
  map.why = error.text;
  return CodeOf(error);
}

int Next(joinery_tokenmap* map, LeaseKind kind, uint64_t* key, uint32_t* token) {
  if (map == nullptr || token == nullptr || map->client->kind() != kind) return JOINERY_INVALID;
  auto next = map->client->Next();
  if (!next) return Failed(*map, next.error());
  if (key != nullptr) *key = next->key;
  *token = next->token.value();
  return JOINERY_OK;
}

}  // namespace

int joinery_tokenmap_open(const char* socket_path, int kind, unsigned timeout_ms,
                          joinery_tokenmap** out) {
  if (socket_path == nullptr || out == nullptr ||
      (kind != JOINERY_TOKENS && kind != JOINERY_KEYS)) {
    return JOINERY_INVALID;
  }
  *out = nullptr;
  auto client =
      LeaseClient::Open(socket_path, kind == JOINERY_KEYS ? LeaseKind::kKeys : LeaseKind::kTokens,
                        std::chrono::milliseconds(timeout_ms));
  if (!client) return CodeOf(client.error());
  *out = new joinery_tokenmap{.client = *std::move(client), .why = {}};
  return JOINERY_OK;
}

void joinery_tokenmap_close(joinery_tokenmap* map) { delete map; }

int joinery_tokenmap_next_token(joinery_tokenmap* map, uint32_t* token) {
  return Next(map, LeaseKind::kTokens, nullptr, token);
}

int joinery_tokenmap_next_key(joinery_tokenmap* map, uint64_t* key, uint32_t* token) {
  if (key == nullptr) return JOINERY_INVALID;
  return Next(map, LeaseKind::kKeys, key, token);
}

int joinery_tokenmap_release(joinery_tokenmap* map, uint32_t token) {
  if (map == nullptr) return JOINERY_INVALID;
  const auto released = map->client->Release(joinery::Token(token));
  return released ? JOINERY_OK : Failed(*map, released.error());
}

int joinery_tokenmap_fd(const joinery_tokenmap* map) {
  return map == nullptr ? -1 : map->client->fd();
}

int joinery_tokenmap_poll(joinery_tokenmap* map) {
  if (map == nullptr) return JOINERY_INVALID;
  const auto polled = map->client->Poll();
  return polled ? JOINERY_OK : Failed(*map, polled.error());
}

uint32_t joinery_tokenmap_in_use(const joinery_tokenmap* map) {
  return map == nullptr ? 0 : static_cast<uint32_t>(map->client->in_use());
}

const char* joinery_tokenmap_why(const joinery_tokenmap* map) {
  return map == nullptr ? "" : map->why.c_str();
}
