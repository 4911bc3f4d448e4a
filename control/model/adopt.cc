#include "control/model/adopt.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "control/model/backend_ids.h"
#include "control/model/encoding.h"

namespace joinery::control {
namespace {

// Whatever a member was in the old state, it may have come up since and have live tokens: states
// are not in the scheme part. Health takes one that is down out of placement, and the configuration
// whoever is not wanted.
void BringUp(Pool& pool) {
  for (auto& [name, backend] : pool.backends) {
    backend = {.id = backend.id,
               .endpoint = backend.endpoint,
               .state = BackendState::kUp,
               .published = backend.published,
               .named = true,
               .encoded = std::move(backend.encoded)};
  }
}

// All backends may have been told of all generations.
void Suspect(Pool& pool) {
  for (auto& [name, backend] : pool.backends) {
    for (Generation& generation : pool.generations) {
      if (generation.state == GenerationState::kPending) continue;
      generation.told.insert(name);
      backend.encoded.insert(generation.serial);
    }
  }
}

// The newest generation that an agent of the pool encodes under, or holds keys or tokens of.
Serial NewestInUse(const Transition& step, const std::string& pool_name) {
  Serial newest;
  for (const auto& [who, agent] : step.known().agents) {
    if (who.pool != pool_name || !agent.report) continue;
    newest = std::max(newest, agent.report->encoding.value_or(Serial()));
    for (const api::GenerationUse& use : agent.report->uses) newest = std::max(newest, use.serial);
  }
  return newest;
}

// What was pending may have become active since. If an agent has had it, it is active; if not, it
// still may have been told, so it drains like all others.
void SetStates(Transition& step, Pool& pool, Serial in_use) {
  Generation* active = Find(pool, in_use);
  if (active == nullptr || active->state == GenerationState::kDraining) active = Active(pool);
  if (active == nullptr && !pool.generations.empty()) active = &pool.generations.back();
  for (Generation& generation : pool.generations) {
    generation.state =
        &generation == active ? GenerationState::kActive : GenerationState::kDraining;
    generation.drained = {};
    generation.draining_since = step.durable().age;
  }
}

void TakeGenerations(Pool& pool, const api::PoolScheme& held, const api::Position& at) {
  std::vector<Generation> generations;
  for (const api::SchemeGeneration& theirs : held.generations) {
    generations.push_back({.codepoint = theirs.codepoint,
                           .serial = theirs.serial,
                           .state = theirs.state,
                           .key = theirs.key,
                           .published = at});
  }
  std::ranges::sort(generations, {}, &Generation::serial);
  pool.generations = std::move(generations);
  pool.last_serial = std::max(pool.last_serial, held.last_serial);
}

void TakeMembers(Transition& step, Pool& pool, const api::PoolScheme& held,
                 const api::Position& at) {
  std::map<std::string, Backend> members;
  for (const api::Member& member : held.members) {
    Backend backend{.id = member.id,
                    .endpoint = {.address = member.address, .encap = member.encap},
                    .published = at};
    const auto mine = pool.backends.find(member.name);
    if (mine != pool.backends.end()) backend.endpoint.weight = mine->second.endpoint.weight;
    members.emplace(member.name, std::move(backend));
  }
  const std::map<std::string, Backend> mine = std::exchange(pool.backends, std::move(members));
  const auto is_used = [&](BackendId id) {
    return std::ranges::any_of(pool.backends, [&](const auto& e) { return e.second.id == id; });
  };
  // Members that have left since, IDs that rest since, and those that rested before.
  std::erase_if(pool.resting, [&](const RestingId& resting) { return is_used(resting.id); });
  const auto rests = [&](BackendId id) {
    return std::ranges::find(pool.resting, id, &RestingId::id) != pool.resting.end();
  };
  for (const auto& [name, backend] : mine) {
    if (!is_used(backend.id) && !rests(backend.id) && !pool.backends.contains(name)) {
      Rest(step, pool, name, backend, false);
    }
  }
  for (const BackendId id : held.reserved_ids) {
    if (!is_used(id) && !rests(id)) Rest(step, pool, "", {.id = id}, false);
  }
  for (RestingId& resting : pool.resting) {
    resting.clean = false;
    for (const Generation& generation : pool.generations) resting.encoded.insert(generation.serial);
  }
}

void TakePool(Transition& step, const api::PoolScheme& held, const api::Position& at) {
  Pool& pool = step.durable().pools[held.name];
  pool.layout = {.id = held.id,
                 .max_backends = held.max_backends,
                 .algorithm = held.algorithm,
                 .generation_bits = held.generation_bits,
                 .handshake = held.handshake};
  pool.service = {.table_size = held.table_size, .join_rate = held.join_rate, .vips = held.vips};
  pool.hash_secret = held.hash_secret;
  TakeGenerations(pool, held, at);
  TakeMembers(step, pool, held, at);
}

void TakeAll(Transition& step, const api::SchemePart& held) {
  std::erase_if(step.durable().pools, [&](const auto& entry) {
    const auto& [name, pool] = entry;
    const bool gone = std::ranges::none_of(
        held.pools, [&](const api::PoolScheme& theirs) { return theirs.name == name; });
    if (gone) step.durable().former_pools.push_back({pool.layout.id, pool.last_serial});
    return gone;
  });
  for (const api::PoolScheme& pool : held.pools) TakePool(step, pool, held.at);
}

}  // namespace

void Adopt(Transition& step, const Recovery& recovery) {
  // What agents said meanwhile was judged by the old state's positions: a generation that drains in
  // it may have been active again in the view that a zero came from, and be drained anew since.
  for (auto& [who, agent] : step.known().agents) agent.zeros.clear();
  if (recovery.held && recovery.held->at > recovery.known) TakeAll(step, *recovery.held);
  for (auto& [name, pool] : step.durable().pools) {
    const Serial in_use = NewestInUse(step, name);
    pool.last_serial = std::max(pool.last_serial, in_use);
    SetStates(step, pool, in_use);
    BringUp(pool);
    Suspect(pool);
    if (in_use != Serial() && Find(pool, in_use) == nullptr) {
      step.Log(
          Severity::kAlarm,
          fmt::format("{}: backends have tokens of generation {}, whose key nobody handed back: "
                      "joins under it are lost",
                      name, in_use.value()));
    }
  }
}

}  // namespace joinery::control
