#include "control/model/transition.h"

#include "control/model/encoding.h"

namespace joinery::control {
namespace {

constexpr api::Position kNone{};

void StampScheme(Pool& pool, const api::Position& at) {
  for (Generation& generation : pool.generations) {
    if (generation.published == kNone) generation.published = at;
  }
  for (auto& [name, backend] : pool.backends) {
    if (backend.published == kNone) backend.published = at;
  }
}

void StampLoad(Pool& pool, const api::Position& at) {
  for (auto& [name, backend] : pool.backends) {
    if (backend.named && backend.named_in == kNone) backend.named_in = at;
    const bool placed = backend.state == BackendState::kAdded || backend.state == BackendState::kUp;
    if (!placed && backend.unplaced == kNone) backend.unplaced = at;
  }
}

// What a view says is durable, and whom it told, before it is sent.
void StampAgent(Pool& pool, const std::string& name, const api::Position& at) {
  Backend& backend = pool.backends.at(name);
  backend.view = at;
  if (backend.flushing && backend.flushed == kNone) backend.flushed = at;
  if (Generation* generation = EncodesUnder(pool, backend); generation != nullptr) {
    generation->told.insert(name);
    backend.encoded.insert(generation->serial);
  }
}

void StampDrained(Pool& pool, const api::Position& at) {
  for (Generation& generation : pool.generations) {
    if (generation.state == GenerationState::kDraining && generation.drained == kNone) {
      generation.drained = at;
    }
  }
}

}  // namespace

void Transition::AgentChanged(const BackendRef& who) {
  actions.durable = true;
  actions.agents.insert(who);
}

void Transition::AgentsChanged(const std::string& pool) {
  for (const auto& [name, backend] : durable().pools.at(pool).backends) AgentChanged({pool, name});
}

void Transition::AllChanged() {
  SchemeChanged();
  LoadChanged();
  for (const auto& [name, pool] : durable().pools) AgentsChanged(name);
}

void Publish(Transition& step) {
  Actions& actions = step.actions;
  if (step.known().recovery.waiting) {
    actions.scheme = actions.load = false;
    actions.agents.clear();
    return;
  }
  std::erase_if(actions.agents, [&](const BackendRef& who) {
    const auto pool = step.durable().pools.find(who.pool);
    return pool == step.durable().pools.end() || !pool->second.backends.contains(who.backend);
  });
  Durable& durable = step.durable();
  if (actions.load) {
    const api::Position load = {durable.at.epoch, ++step.known().load_version};
    for (auto& [name, pool] : durable.pools) StampLoad(pool, load);
  }
  if (!actions.scheme && actions.agents.empty()) return;
  ++durable.at.version;
  durable.published = durable.at;
  if (actions.scheme) {
    durable.scheme = durable.at;
    for (auto& [name, pool] : durable.pools) StampScheme(pool, durable.at);
  }
  for (const BackendRef& who : actions.agents) {
    StampAgent(durable.pools.at(who.pool), who.backend, durable.at);
  }
  for (auto& [name, pool] : durable.pools) StampDrained(pool, durable.at);
}

}  // namespace joinery::control
