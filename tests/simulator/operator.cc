#include "tests/simulator/operator.h"

#include <numeric>

#include <fmt/format.h>

namespace joinery::simulator {
namespace {

// Short, so that a history sees them pass.
control::Policy ShortPolicy(const Options& options) {
  control::Policy policy;
  policy.retire_hold = options.retire_hold;
  policy.drain_max = options.drain_max;
  policy.quarantine = options.quarantine;
  return policy;
}

}  // namespace

void Operator::Install() {
  World& w = world_;
  w.desired_.policy = ShortPolicy(w.options_);
  control::DesiredPool pool;
  pool.layout = {.id = PoolId(1), .max_backends = w.options_.max_backends};
  pool.layout.generation_bits = w.Chance(80) ? 2 : 3;
  const uint32_t names = w.options_.large ? w.options_.backends : w.options_.backends * 2 + 6;
  for (uint32_t i = 1; i <= names; ++i) {
    const std::string name = fmt::format("b{}", i);
    names_.push_back(name);
    w.agents_.emplace(name, std::make_unique<AgentNode>(name, w.random_));
    if (i <= w.options_.backends) pool.backends[name] = {};
  }
  w.desired_.pools["web"] = pool;
  for (const auto& balancer : w.balancers_) w.desired_.balancers[balancer->name()] = {};
}

std::string Operator::AnyBackend() {
  return names_[world_.random_.Below(static_cast<uint32_t>(names_.size()))];
}

void Operator::Do(const control::Event& event) {
  if (world_.control_up_) world_.Do(event);
}

void Operator::Turn(bool emergency) {
  if (!world_.control_up_ || world_.model_.now.recovery.waiting) return;
  const control::Actions actions =
      world_.Do(control::Rotate{.pool = "web", .emergency = emergency});
  if (actions.result && !actions.log.empty() && !emergency) {
    world_.truth_.AfterRoutineRotation(world_.model_);
  }
}

// Backends come and go, two at once too; now and then a balancer does.
void Operator::Configure() {
  World& w = world_;
  auto& backends = w.desired_.pools.at("web").backends;
  for (uint32_t i = 0; i <= w.random_.Below(2); ++i) {
    const std::string name = AnyBackend();
    if (backends.erase(name) == 0 && backends.size() < w.options_.max_backends) backends[name] = {};
  }
  if (w.Chance(20) && w.balancers_.size() > 1) {
    const std::string last = w.balancers_.back()->name();
    if (w.desired_.balancers.erase(last) == 0) w.desired_.balancers[last] = {};
  }
  Do(control::ConfigApplied{.desired = w.desired_});
}

// Whether control knows the backend, and can be told what to do with it.
bool Operator::Serves(const std::string& backend) const {
  if (!Listens()) return false;
  const auto pool = world_.model_.durable.pools.find("web");
  return pool != world_.model_.durable.pools.end() && pool->second.backends.contains(backend);
}

bool Operator::Listens() const { return world_.control_up_ && !world_.model_.now.recovery.waiting; }

void Operator::Fail(const control::BackendRef& who) {
  if (!Serves(who.backend)) return;
  world_.GiveUp(who.backend);
  Do(control::MarkFailed{.backend = who});
}

void Operator::Remove(const control::BackendRef& who) {
  if (!Serves(who.backend)) return;
  world_.GiveUp(who.backend);
  world_.desired_.pools.at("web").backends.erase(who.backend);
  Do(control::RemoveBackend{.backend = who, .force = true});
}

void Operator::Retire() {
  if (!Listens()) return;
  const auto pool = world_.model_.durable.pools.find("web");
  if (pool == world_.model_.durable.pools.end() || pool->second.generations.empty()) return;
  const control::Generation& oldest = pool->second.generations.front();
  if (oldest.state != control::GenerationState::kDraining) return;
  const Serial serial = oldest.serial;
  world_.GiveUp(serial);
  Do(control::ForceRetire{.pool = "web", .serial = serial});
}

// Whoever has not reported is named absent, whether it is or not.
void Operator::TakeOver() {
  const control::Recovery& recovery = world_.model_.now.recovery;
  if (!recovery.waiting) return;
  Do(control::Recover{.balancers = recovery.balancers, .agents = recovery.agents});
}

Command Operator::AnyCommand() {
  const auto& weights = world_.options_.commands;
  uint32_t drawn = world_.random_.Below(std::accumulate(weights.begin(), weights.end(), 0U));
  size_t command = 0;
  while (drawn >= weights[command]) drawn -= weights[command++];
  return static_cast<Command>(command);
}

void Operator::Act(Command command) {
  World& w = world_;
  const control::BackendRef who = {"web", AnyBackend()};
  switch (command) {
    case Command::kRotate:
    case Command::kEmergency:
      return Turn(command == Command::kEmergency);
    case Command::kRollback:
      return Do(control::Rollback{.pool = "web"});
    case Command::kAbort:
      return Do(control::Abort{.pool = "web"});
    case Command::kDrain:
      return Do(control::Drain{.backend = who, .deadline = seconds(w.random_.Below(60))});
    case Command::kUndrain:
      return Do(control::Undrain{.backend = who});
    case Command::kHealth:
      return Do(control::HealthChanged{.backend = who, .healthy = w.Chance(50)});
    case Command::kRestore:
      return Do(control::Restore{.backend = who});
    case Command::kFail:
      return Fail(who);
    case Command::kRemove:
      return Remove(who);
    case Command::kRetire:
      return Retire();
    case Command::kConfigure:
      return Configure();
    case Command::kTakeOver:
      return TakeOver();
  }
}

void Operator::EachSecond() {
  if (world_.healed_ || !world_.Chance(world_.options_.operator_percent)) return;
  world_.Note("the operator acts");
  Act(AnyCommand());
}

}  // namespace joinery::simulator
