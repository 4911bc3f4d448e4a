#include "control/model/backend_ids.h"

#include <algorithm>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "control/model/encoding.h"
#include "control/model/rules.h"
#include "control/model/words.h"
#include "tokenmap/scheme.h"

namespace joinery::control {
namespace {

Age QuarantineLeft(const Model& model, const RestingId& resting) noexcept {
  return std::max(Age{0}, resting.since + model.durable.policy.quarantine - model.durable.age);
}

std::set<BackendId> InUse(const Pool& pool) {
  std::set<BackendId> ids;
  for (const auto& [name, backend] : pool.backends) ids.insert(backend.id);
  return ids;
}

// Uniform among those that nobody has, and no record of the past names; none: none is left.
std::optional<BackendId> DrawFresh(Random& random, const Pool& pool) {
  std::set<BackendId> taken = InUse(pool);
  for (const RestingId& resting : pool.resting) taken.insert(resting.id);
  std::vector<BackendId> fresh;
  const uint32_t count = uint32_t{1} << tokenmap::IdBits(pool.layout.max_backends);
  for (uint32_t value = 0; value < count; ++value) {
    const BackendId id(static_cast<uint16_t>(value));
    if (!taken.contains(id)) fresh.push_back(id);
  }
  if (fresh.empty()) return std::nullopt;
  return fresh[random.Below(static_cast<uint32_t>(fresh.size()))];
}

Refusal NoneLeft(const Model& model, const Pool& pool) {
  Age shortest = Age::max();
  for (const RestingId& resting : pool.resting) {
    shortest = std::min(shortest, QuarantineLeft(model, resting));
  }
  if (pool.resting.empty()) return {.message = "all backend IDs are taken"};
  return {
      .message = fmt::format("all backend IDs are taken or at rest; the next is free in {} at the "
                             "earliest, when all it encoded under has retired too",
                             ToString(shortest)),
      .retry_after_s = static_cast<uint32_t>(std::max(shortest, Age{1}).count())};
}

}  // namespace

bool IsFree(const Model& model, const Pool& pool, const RestingId& resting) noexcept {
  if (resting.clean) return true;
  const bool retired = std::ranges::none_of(pool.generations, [&](const Generation& generation) {
    return resting.encoded.contains(generation.serial);
  });
  return Holds(Rule::kIdWaitsForGenerations, retired) &&
         Holds(Rule::kIdWaitsForQuarantine, QuarantineLeft(model, resting) == Age{0});
}

Expected<RestingId, Refusal> TakeId(Transition& step, Pool& pool, const std::string& backend) {
  const auto own = std::ranges::find(pool.resting, backend, &RestingId::backend);
  if (own != pool.resting.end() && Obeys(Rule::kIdIsKept)) {
    RestingId mine = *own;
    pool.resting.erase(own);
    return mine;
  }
  if (const std::optional<BackendId> fresh = DrawFresh(step.random, pool)) {
    return RestingId{.id = *fresh, .backend = backend};
  }
  const auto free = std::ranges::find_if(
      pool.resting, [&](const RestingId& resting) { return IsFree(step.model, pool, resting); });
  if (free == pool.resting.end()) return tl::unexpected<Refusal>(NoneLeft(step.model, pool));
  const RestingId other{.id = free->id, .backend = backend};
  pool.resting.erase(free);
  return other;
}

void Rest(Transition& step, Pool& pool, const std::string& name, const Backend& backend,
          bool clean) {
  pool.resting.push_back({.id = backend.id,
                          .backend = name,
                          .clean = clean,
                          .encoded = backend.encoded,
                          .since = step.durable().age});
}

}  // namespace joinery::control
