#include "tests/simulator/operator.h"

#include <fmt/format.h>

namespace joinery::simulator {
namespace {

// Short, so that a history sees them pass.
control::Policy ShortPolicy(const Options& options) {
  control::Policy policy;
  policy.retire_hold = options.retire_hold;
  policy.quarantine = seconds(60);
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

void Operator::GiveUp(const std::string& backend) {
  world_.forced_out_.insert(backend);
  for (LiveToken& token : world_.agents_.at(backend)->tokens()) token.lost = true;
}

void Operator::GiveUp(Serial serial) {
  world_.given_up_.insert(serial);
  for (const auto& [name, agent] : world_.agents_) {
    for (LiveToken& token : agent->tokens()) token.lost |= token.serial == serial;
  }
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

void Operator::Command() {
  World& w = world_;
  const control::BackendRef who = {"web", AnyBackend()};
  const auto present = [&] {
    const auto pool = w.model_.durable.pools.find("web");
    return w.control_up_ && !w.model_.now.recovery.waiting &&
           pool != w.model_.durable.pools.end() && pool->second.backends.contains(who.backend);
  };
  switch (w.random_.Below(14)) {
    case 0:
    case 1:
    case 2:
      return Turn(w.Chance(50));
    case 3:
      return Do(control::Rollback{.pool = "web"});
    case 4:
      return Do(control::Abort{.pool = "web"});
    case 5:
      return Do(control::Drain{.backend = who, .deadline = seconds(w.random_.Below(60))});
    case 6:
      return Do(control::Undrain{.backend = who});
    case 7:
      return Do(control::HealthChanged{.backend = who, .healthy = w.Chance(50)});
    case 8:
      return Do(control::Restore{.backend = who});
    case 9:
      if (!present()) return;
      GiveUp(who.backend);
      return Do(control::MarkFailed{.backend = who});
    case 10:
    case 11:
      if (!present()) return;
      GiveUp(who.backend);
      w.desired_.pools.at("web").backends.erase(who.backend);
      return Do(control::RemoveBackend{.backend = who, .force = true});
    case 12: {
      const auto pool = w.model_.durable.pools.find("web");
      if (!w.control_up_ || pool == w.model_.durable.pools.end()) return;
      const Serial oldest = pool->second.generations.front().serial;
      if (pool->second.generations.front().state != control::GenerationState::kDraining) return;
      if (w.model_.now.recovery.waiting) return;
      GiveUp(oldest);
      return Do(control::ForceRetire{.pool = "web", .serial = oldest});
    }
    default:
      return Configure();
  }
}

void Operator::EachSecond() {
  if (world_.healed_ || !world_.Chance(world_.options_.operator_percent)) return;
  world_.Note("the operator acts");
  Command();
}

}  // namespace joinery::simulator
