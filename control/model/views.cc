#include "control/model/views.h"

#include <algorithm>

#include "control/model/backend_ids.h"
#include "control/model/encoding.h"
#include "control/model/health.h"
#include "control/model/rules.h"

namespace joinery::control {
namespace {

api::PoolScheme SchemeOf(const Model& model, const std::string& name, const Pool& pool) {
  api::PoolScheme view{.name = name,
                       .id = pool.layout.id,
                       .max_backends = pool.layout.max_backends,
                       .algorithm = pool.layout.algorithm,
                       .generation_bits = pool.layout.generation_bits,
                       .handshake = pool.layout.handshake,
                       .hash_secret = pool.hash_secret,
                       .table_size = pool.service.table_size,
                       .join_rate = pool.service.join_rate,
                       .vips = pool.service.vips,
                       .last_serial = pool.last_serial};
  for (const Generation& generation : pool.generations) {
    view.generations.push_back(
        {generation.codepoint, generation.serial, generation.state, generation.key});
  }
  for (const auto& [backend_name, backend] : pool.backends) {
    view.members.push_back(
        {backend.id, backend_name, backend.endpoint.address, backend.endpoint.encap});
  }
  for (const RestingId& resting : pool.resting) {
    if (!IsFree(model, pool, resting)) view.reserved_ids.push_back(resting.id);
  }
  return view;
}

// A backend that not all decode is not named yet: a balancer that lacks an ID of a load part has to
// wait with all of it (I5).
api::PoolLoad LoadOf(const Model& model, const std::string& name, const Pool& pool,
                     api::Position& scheme) {
  const PoolHealth health = JudgeHealth(model, name, pool);
  api::PoolLoad view{.id = pool.layout.id, .members = {}, .withdraw = health.withdraw};
  for (const auto& [backend_name, backend] : pool.backends) {
    if (!backend.named) continue;
    scheme = std::max(scheme, backend.published);
    view.members.push_back({backend.id, backend.endpoint.weight,
                            StateForBalancers(model, {name, backend_name}, backend, health)});
  }
  return view;
}

}  // namespace

std::optional<api::SchemePart> SchemeView(const Model& model) {
  if (model.now.recovery.waiting) return std::nullopt;
  api::SchemePart view{.at = model.durable.scheme, .pools = {}};
  for (const auto& [name, pool] : model.durable.pools) {
    view.pools.push_back(SchemeOf(model, name, pool));
  }
  return view;
}

std::optional<api::LoadPart> LoadView(const Model& model) {
  if (model.now.recovery.waiting) return std::nullopt;
  api::LoadPart view{
      .at = {model.durable.at.epoch, model.now.load_version}, .scheme = {}, .pools = {}};
  for (const auto& [name, pool] : model.durable.pools) {
    view.pools.push_back(LoadOf(model, name, pool, view.scheme));
  }
  return view;
}

std::optional<api::AgentView> AgentViewOf(const Model& model, const BackendRef& who) {
  if (model.now.recovery.waiting) return std::nullopt;
  const auto pool = model.durable.pools.find(who.pool);
  if (pool == model.durable.pools.end()) return std::nullopt;
  const auto found = pool->second.backends.find(who.backend);
  if (found == pool->second.backends.end()) return std::nullopt;
  const Backend& backend = found->second;
  const Layout& layout = pool->second.layout;
  api::AgentView view{
      .at = backend.view,
      .backend = who.backend,
      .id = backend.id,
      .pool = who.pool,
      .pool_id = layout.id,
      .max_backends = layout.max_backends,
      .algorithm = layout.algorithm,
      .generation_bits = layout.generation_bits,
      .handshake = layout.handshake,
      .active = {},
      .draining = {},
      .drain = backend.state == BackendState::kDraining || backend.state == BackendState::kLeaving,
      .vips = pool->second.service.vips,
      .balancers = {}};
  if (const Generation* active = EncodesUnder(pool->second, backend); active != nullptr) {
    view.active = {active->codepoint, active->serial, active->state, active->key};
  }
  for (const Generation& generation : pool->second.generations) {
    const bool pending = generation.state == GenerationState::kPending;
    const bool encodes = view.active && view.active->serial == generation.serial;
    if (!pending && !encodes) view.draining.push_back({generation.codepoint, generation.serial});
  }
  for (const auto& [name, balancer] : model.durable.balancers) {
    view.balancers.insert(view.balancers.end(), balancer.addresses.begin(),
                          balancer.addresses.end());
  }
  return view;
}

}  // namespace joinery::control
