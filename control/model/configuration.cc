#include "control/model/configuration.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "control/model/membership.h"
#include "control/model/preview.h"
#include "control/model/rotation.h"

namespace joinery::control {
namespace {

void ForgetPools(Transition& step, const Desired& desired) {
  std::erase_if(step.durable().pools, [&](const auto& entry) {
    const auto& [name, pool] = entry;
    if (desired.pools.contains(name)) return false;
    step.durable().former_pools.push_back({pool.layout.id, pool.last_serial});
    step.Log(Severity::kWarning, fmt::format("pool {} is removed", name));
    step.SchemeChanged();
    step.LoadChanged();
    return true;
  });
}

// A pool ID that comes back goes on with its serials (I2).
Serial LastSerialOf(Durable& durable, PoolId id) {
  const auto former = std::ranges::find(durable.former_pools, id, &FormerPool::id);
  if (former == durable.former_pools.end()) return Serial();
  const Serial last = former->last_serial;
  durable.former_pools.erase(former);
  return last;
}

Pool& MakePool(Transition& step, const std::string& name, const DesiredPool& wanted) {
  Pool& pool = step.durable().pools[name];
  pool.layout = wanted.layout;
  pool.service = wanted.service;
  pool.health = wanted.health;
  pool.last_serial = LastSerialOf(step.durable(), wanted.layout.id);
  crypto::Key128::Bytes bytes;
  step.random.Fill(bytes);
  pool.hash_secret = crypto::Key128(bytes);
  crypto::Wipe(bytes);
  step.Log(Severity::kInfo, fmt::format("pool {} is added", name));
  step.SchemeChanged();
  step.LoadChanged();
  if (wanted.layout.handshake != settings::Handshake::kNone) AddGeneration(step, pool, name);
  return pool;
}

// Those first whose ID is kept for them, or another new one may take it (I3).
void AddBackends(Transition& step, const std::string& name, const DesiredPool& wanted,
                 const Pool& pool) {
  std::vector<std::string> returning;
  std::vector<std::string> others;
  for (const auto& [backend_name, endpoint] : wanted.backends) {
    if (pool.backends.contains(backend_name)) continue;
    const bool kept =
        std::ranges::find(pool.resting, backend_name, &RestingId::backend) != pool.resting.end();
    (kept ? returning : others).push_back(backend_name);
  }
  for (const auto* names : {&returning, &others}) {
    for (const std::string& backend_name : *names) {
      Expected<void, Refusal> added =
          Add(step, {name, backend_name}, wanted.backends.at(backend_name));
      if (!added) step.Log(Severity::kAlarm, added.error().message);
    }
  }
}

void ApplyBackends(Transition& step, const std::string& name, const DesiredPool& wanted,
                   Pool& pool) {
  std::vector<std::string> leaving;
  for (const auto& [backend_name, backend] : pool.backends) {
    const bool goes = backend.state != BackendState::kLeaving;
    if (goes && !wanted.backends.contains(backend_name)) leaving.push_back(backend_name);
  }
  for (const std::string& backend_name : leaving) {
    Leave(step, {name, backend_name}, pool.backends.at(backend_name), std::nullopt);
  }
  AddBackends(step, name, wanted, pool);
  for (const auto& [backend_name, endpoint] : wanted.backends) {
    const BackendRef who = {name, backend_name};
    const auto present = pool.backends.find(backend_name);
    if (present == pool.backends.end()) continue;  // no room
    Reach(step, who, present->second, endpoint);
    if (present->second.state == BackendState::kLeaving) ComeBack(step, who, present->second);
  }
}

void ApplyPool(Transition& step, const std::string& name, const DesiredPool& wanted) {
  const auto present = step.durable().pools.find(name);
  Pool& pool =
      present == step.durable().pools.end() ? MakePool(step, name, wanted) : present->second;
  if (pool.service != wanted.service) {
    pool.service = wanted.service;
    step.SchemeChanged();
    step.AgentsChanged(name);
  }
  if (pool.health != wanted.health) {
    pool.health = wanted.health;
    step.actions.durable = true;
    step.LoadChanged();
  }
  ApplyBackends(step, name, wanted, pool);
}

void ApplyBalancers(Transition& step, const Desired& desired) {
  std::map<std::string, Balancer> wanted;
  for (const auto& [name, addresses] : desired.balancers) wanted[name] = {addresses};
  if (wanted == step.durable().balancers) return;
  for (const auto& [name, balancer] : wanted) {
    if (!step.durable().balancers.contains(name)) {
      step.Log(Severity::kInfo, fmt::format("balancer {} is added", name));
    }
  }
  for (const auto& [name, balancer] : step.durable().balancers) {
    if (!wanted.contains(name)) {
      step.Log(Severity::kInfo, fmt::format("balancer {} is removed", name));
    }
  }
  step.durable().balancers = std::move(wanted);
  step.actions.durable = true;
  for (const auto& [name, pool] : step.durable().pools) step.AgentsChanged(name);
}

}  // namespace

void OnConfig(Transition& step, const ConfigApplied& config) {
  if (step.known().recovery.waiting) {
    step.known().recovery.desired = config.desired;
    return;
  }
  std::string refused;
  for (const Change& change : Preview(step.model, config)) {
    if (change.kind != ChangeKind::kRefused) continue;
    refused += fmt::format("{}{}: {}", refused.empty() ? "" : "\n", change.what, change.why);
  }
  if (!refused.empty()) return step.Refuse(std::move(refused));
  if (step.durable().policy != config.desired.policy) {
    step.durable().policy = config.desired.policy;
    step.actions.durable = true;
    step.LoadChanged();
  }
  ForgetPools(step, config.desired);
  for (const auto& [name, wanted] : config.desired.pools) ApplyPool(step, name, wanted);
  ApplyBalancers(step, config.desired);
}

}  // namespace joinery::control
