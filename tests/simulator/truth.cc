#include "tests/simulator/truth.h"

#include <algorithm>

#include <fmt/format.h>

#include "control/model/confirmation.h"
#include "control/model/encoding.h"
#include "control/model/invariants.h"
#include "control/model/views.h"

namespace joinery::simulator {
namespace {

using control::BackendState;
using control::GenerationState;

const api::PoolScheme* PoolOf(const BalancerNode& balancer) {
  return balancer.scheme().pools.empty() ? nullptr : &balancer.scheme().pools.front();
}

const control::Pool* PoolOf(const control::Durable& durable) {
  return durable.pools.empty() ? nullptr : &durable.pools.begin()->second;
}

// Whether a balancer sends anything to the member: one without a load entry has failed to it.
bool Reaches(const BalancerNode& balancer, BackendId id) {
  if (balancer.load() == nullptr || balancer.load()->pools.empty()) return false;
  const std::vector<api::MemberLoad>& members = balancer.load()->pools.front().members;
  const auto member = std::ranges::find(members, id, &api::MemberLoad::id);
  return member != members.end() && member->state != settings::BackendState::kFailed;
}

// Whom a balancer takes the token for; empty: it is unroutable.
std::string Decode(const BalancerNode& balancer, const LiveToken& token) {
  const api::PoolScheme* pool = PoolOf(balancer);
  if (pool == nullptr) return {};
  const auto generation =
      std::ranges::find(pool->generations, token.codepoint, &api::SchemeGeneration::codepoint);
  if (generation == pool->generations.end() || generation->serial != token.serial) return {};
  const auto member = std::ranges::find(pool->members, token.id, &api::Member::id);
  if (member == pool->members.end() || !Reaches(balancer, token.id)) return {};
  return member->name;
}

}  // namespace

void Truth::Fail(std::string what) {
  if (!failure_) failure_ = std::move(what);
}

void Truth::CheckDecodes(const BalancerNode& balancer, const AgentNode& agent,
                         const LiveToken& token) {
  const std::string whose = Decode(balancer, token);
  if (whose == agent.name()) return;
  if (!whose.empty()) {
    return Fail(fmt::format("I3: {} takes a token of {} (generation {}, ID {}) for one of {}",
                            balancer.name(), agent.name(), token.serial.value(), token.id.value(),
                            whose));
  }
  if (token.lost) return;
  Fail(
      fmt::format("I1: {} has a lease and does not decode a token of {} (generation {}, ID {}); it "
                  "holds {}.{}",
                  balancer.name(), agent.name(), token.serial.value(), token.id.value(),
                  balancer.scheme().at.epoch, balancer.scheme().at.version));
}

void Truth::AfterRoutineRotation(const control::Model& model) {
  const control::Pool* pool = PoolOf(model.durable);
  if (pool == nullptr) return;
  const size_t usable = (size_t{1} << pool->layout.generation_bits) - 1;
  if (pool->generations.size() >= usable) Fail("a routine rotation took the last codepoint");
}

void Truth::AfterBalancer(const BalancerNode& balancer, Agents& agents, Instant now) {
  if (!balancer.HasLease(now)) return;
  for (auto& [name, agent] : agents) {
    for (const LiveToken& token : agent->tokens()) {
      const bool lives = token.begins <= now && now < token.ends;
      if (lives) CheckDecodes(balancer, *agent, token);
    }
  }
}

void Truth::AfterToken(const AgentNode& agent, const LiveToken& token, const Balancers& balancers,
                       Instant now) {
  for (const auto& balancer : balancers) {
    if (balancer->HasLease(now)) CheckDecodes(*balancer, agent, token);
  }
}

void Truth::AfterPlacement(const control::Model& model, const BalancerNode& balancer,
                           const std::string& backend) {
  const control::Pool* pool = PoolOf(model.durable);
  if (pool == nullptr || model.now.recovery.waiting) return;
  const auto found = pool->backends.find(backend);
  const auto rests = std::ranges::find(pool->resting, backend, &control::RestingId::backend);
  const bool flushing = found != pool->backends.end() && found->second.flushing;
  const bool left = found == pool->backends.end() && rests != pool->resting.end() && rests->clean;
  if (!flushing && !left) return;
  Fail(fmt::format("I5: {} has a lease and places a connection on {}, which has left placement",
                   balancer.name(), backend));
}

void Truth::Confirmed(const AgentNode& agent, const api::AgentReport& report,
                      const api::AgentView& view) {
  if (view.at == report.view.at && view.active) {
    allowed_[agent.name()].emplace(report.incarnation, view.active->serial);
  }
}

void Truth::AfterEncoding(const AgentNode& agent) {
  const std::optional<Serial> serial = agent.encoding();
  if (!serial) return;
  if (allowed_[agent.name()].contains({agent.incarnation(), *serial})) return;
  Fail(fmt::format("I9: {} encodes under generation {}, which its agent has not confirmed",
                   agent.name(), serial->value()));
}

// Who left, and who has the ID now. The simulated quarantine is the policy's.
void Truth::CompareIds(const control::Model& model, Instant now) {
  const control::Pool* pool = PoolOf(model.durable);
  const control::Pool* before = PoolOf(*before_);
  if (pool == nullptr || before == nullptr) return;
  for (const auto& [name, backend] : pool->backends) {
    if (before->backends.contains(name)) continue;
    const auto own = std::ranges::find(before->resting, name, &control::RestingId::backend);
    if (own != before->resting.end() && own->id != backend.id) {
      Fail(fmt::format("I3: {} returns with ID {}, it had {}", name, backend.id.value(),
                       own->id.value()));
    }
    const auto found = gone_.find(backend.id);
    if (found == gone_.end()) continue;
    const Gone gone = found->second;
    gone_.erase(found);  // whoever has it now may leave it in the step in which another takes it
    if (own != before->resting.end() || gone.clean) continue;
    if (now - gone.at < model.durable.policy.quarantine) {
      Fail(fmt::format("I3: ID {} goes to {} before its quarantine is over", backend.id.value(),
                       name));
    }
  }
  for (const control::RestingId& resting : pool->resting) {
    const auto known = std::ranges::find(before->resting, resting.id, &control::RestingId::id);
    if (known == before->resting.end()) gone_[resting.id] = {resting.id, resting.clean, now};
  }
}

// A quorum of all balancers has had on disk what becomes active.
void Truth::CompareActivation(const control::Model& model, const Balancers& balancers) {
  const control::Pool* pool = PoolOf(model.durable);
  const control::Pool* before = PoolOf(*before_);
  if (pool == nullptr || before == nullptr) return;
  for (const control::Generation& generation : pool->generations) {
    if (generation.state != GenerationState::kActive) continue;
    const auto was =
        std::ranges::find(before->generations, generation.serial, &control::Generation::serial);
    if (was == before->generations.end() || was->state != GenerationState::kPending) continue;
    const auto have = std::ranges::count_if(balancers, [&](const auto& balancer) {
      return model.durable.balancers.contains(balancer->name()) &&
             balancer->ever_confirmed() >= generation.published;
    });
    if (static_cast<size_t>(have) < Quorum(model.durable.policy, model.durable.balancers.size())) {
      Fail(fmt::format("generation {} is active, and {} of {} balancers have it",
                       generation.serial.value(), have, model.durable.balancers.size()));
    }
    const size_t codepoints = size_t{1} << pool->layout.generation_bits;
    if (pool->generations.size() > codepoints - 1) Fail("I2: more generations than codepoints");
  }
}

void Truth::AfterStep(const control::Model& model, Instant model_now, Instant now,
                      const Balancers& balancers, bool scheme_changed) {
  if (const control::Broken broken = CheckInvariants(model, model_now)) Fail(*broken);
  if (!scheme_changed) return;
  if (before_) {
    CompareIds(model, now);
    CompareActivation(model, balancers);
  }
  // What a start takes over is no step from what it had before.
  if (!model.now.recovery.waiting) before_ = model.durable;
}

void Truth::AfterRenewal(const control::Model& model, Instant model_now) {
  if (const control::Broken broken = CheckLeases(model, model_now)) Fail(*broken);
}

void Truth::Converged(const control::Model& model, const Balancers& balancers, const Agents& agents,
                      Instant now) {
  if (model.now.recovery.waiting) return Fail("no convergence: control still waits");
  for (const auto& balancer : balancers) {
    if (!model.durable.balancers.contains(balancer->name())) continue;
    if (!balancer->HasLease(now) || balancer->confirmed() != model.durable.scheme) {
      return Fail(fmt::format("no convergence: {} holds {}.{}, lease {}", balancer->name(),
                              balancer->confirmed().epoch, balancer->confirmed().version,
                              balancer->HasLease(now)));
    }
    if (balancer->load() == nullptr || balancer->load()->at != LoadView(model)->at) {
      return Fail(fmt::format("no convergence: the load part of {}", balancer->name()));
    }
  }
  for (const auto& [pool_name, pool] : model.durable.pools) {
    for (const control::Generation& generation : pool.generations) {
      if (generation.state == GenerationState::kPending) return Fail("no convergence: pending");
      const bool here = std::ranges::all_of(
          generation.told, [&](const auto& name) { return pool.backends.contains(name); });
      if (generation.state == GenerationState::kDraining && here) {
        return Fail(fmt::format("no convergence: generation {} drains", generation.serial.value()));
      }
    }
    for (const auto& [name, backend] : pool.backends) {
      if (backend.state == BackendState::kAdded || backend.state == BackendState::kLeaving) {
        return Fail(fmt::format("no convergence: {} is added or leaving", name));
      }
      const control::Generation* generation = EncodesUnder(pool, backend);
      const std::optional<Serial> encoding = agents.at(name)->encoding();
      if (generation != nullptr && encoding != generation->serial) {
        return Fail(fmt::format("no convergence: {} does not encode under generation {}", name,
                                generation->serial.value()));
      }
    }
  }
}

}  // namespace joinery::simulator
