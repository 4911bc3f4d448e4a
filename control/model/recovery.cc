#include "control/model/recovery.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "control/model/adopt.h"
#include "control/model/configuration.h"
#include "control/model/rules.h"
#include "control/model/words.h"

namespace joinery::control {
namespace {

constexpr size_t kNamed = 8;  // of the absent, in a sentence

bool IsOld(const Recovery& recovery) noexcept { return recovery.newest > recovery.known; }

// An old state whose successor a balancer holds, and has not handed back yet.
bool LacksScheme(const Recovery& recovery) noexcept {
  return recovery.newest_scheme > recovery.known &&
         (!recovery.held || recovery.held->at < recovery.newest_scheme);
}

// What is taken over may be more than a balancer decodes that has a lease of the run before: then
// nobody may encode under it, or place on it, until that lease has ended. A state that is current
// has all that in its barrier version, which that lease was given for.
bool WaitsForLeases(const Volatile& known, Instant now) {
  return IsOld(known.recovery) && !Holds(Rule::kEarlierLeasesCount, now >= known.leases_known);
}

void Finish(Transition& step) {
  Recovery& recovery = step.known().recovery;
  Durable& durable = step.durable();
  step.actions.durable = true;
  if (IsOld(recovery)) {
    step.Log(Severity::kAlarm,
             fmt::format("this state is an old one: it ends at {}, but {} was published; what the "
                         "balancers hold is taken over",
                         Show(recovery.known), Show(recovery.newest)));
    durable.at.epoch = std::max(durable.at.epoch, recovery.newest.epoch + 1);
    durable.at.version = 0;
    if (Obeys(Rule::kOldStateIsRecognised)) Adopt(step, recovery);
  }
  recovery.waiting = false;
  recovery.held.reset();
  step.Log(Severity::kInfo,
           fmt::format("epoch {}: all have reported; control publishes again", durable.at.epoch));
  step.AllChanged();
  step.known().load_barrier = {durable.at.epoch, 0};
  if (!recovery.desired) return;
  const Desired desired = std::move(*recovery.desired);
  recovery.desired.reset();
  // The result so far is that of the event that ends the wait, and stays its result.
  const Expected<void, Refusal> result = std::exchange(step.actions.result, {});
  OnConfig(step, {.desired = desired});
  if (!step.actions.result) {
    step.Log(Severity::kAlarm, fmt::format("the configuration is not applied: {}",
                                           step.actions.result.error().message));
  }
  step.actions.result = result;
}

// After the wait, somebody who had been named absent, or was unknown, holds more than control
// knows: its knowledge is void, but nobody takes a lower position, so all get a higher one.
void Overtake(Transition& step, const std::string& who, const api::Position& at) {
  step.Log(Severity::kAlarm,
           fmt::format("{} holds {}, which this control never published; all views are published "
                       "again above it",
                       who, Show(at)));
  step.durable().at = {at.epoch + 1, 0};
  step.known().load_version = 0;
  step.known().load_barrier = {at.epoch + 1, 0};
  step.AllChanged();
}

void Hear(Transition& step, const std::string& who, const api::Position& at) {
  Recovery& recovery = step.known().recovery;
  if (recovery.waiting) {
    recovery.newest = std::max(recovery.newest, at);
  } else if (at > step.durable().at) {
    Overtake(step, who, at);
  }
}

}  // namespace

void OnStarted(Transition& step, const Started& event) {
  Durable& durable = step.durable();
  Volatile& known = step.known();
  known = {};
  known.started = step.now;
  known.age_at_start = known.age_saved = durable.age;
  Recovery& recovery = known.recovery;
  recovery.known = durable.published;
  if (Obeys(Rule::kEpochGrows)) durable.at = {durable.at.epoch + 1, 0};
  step.actions.durable = true;
  const bool fresh = durable.balancers.empty() && durable.pools.empty();
  if (!fresh) known.leases_known = step.now + LeaseAtControl(durable.policy);
  step.Log(Severity::kInfo, fmt::format("started: epoch {}", durable.at.epoch));
  if (event.store_is_current || !Obeys(Rule::kStartWaitsForAll)) return;
  for (const auto& [name, balancer] : durable.balancers) recovery.balancers.insert(name);
  for (const auto& [pool_name, pool] : durable.pools) {
    if (pool.layout.handshake == settings::Handshake::kNone) continue;  // has no agents
    for (const auto& [name, backend] : pool.backends) {
      if (backend.state != BackendState::kFailed) recovery.agents.insert({pool_name, name});
    }
  }
}

void OnRecover(Transition& step, const Recover& command) {
  Recovery& recovery = step.known().recovery;
  if (!recovery.waiting) return step.Refuse("control waits for nobody");
  for (const std::string& name : command.balancers) {
    if (!recovery.balancers.contains(name) && !LacksScheme(recovery)) {
      return step.Refuse(fmt::format("balancer {} is not waited for", name));
    }
  }
  for (const BackendRef& who : command.agents) {
    if (!recovery.agents.contains(who)) {
      return step.Refuse(fmt::format("agent {} is not waited for", ToString(who)));
    }
  }
  for (const std::string& name : command.balancers) {
    // One that has reported and does not hand its scheme part back: what it holds is given up.
    if (recovery.balancers.erase(name) == 0) {
      recovery.newest_scheme = recovery.held ? recovery.held->at : recovery.known;
    }
    step.Log(Severity::kWarning, fmt::format("balancer {} is named absent", name));
  }
  for (const BackendRef& who : command.agents) {
    recovery.agents.erase(who);
    step.Log(Severity::kWarning, fmt::format("agent {} is named absent", ToString(who)));
  }
}

void HearBalancer(Transition& step, const BalancerReported& event) {
  Recovery& recovery = step.known().recovery;
  // Load parts count by themselves; only their epoch says something about control.
  const api::Position at = std::max(event.report.scheme.at, {event.report.load.epoch, 0});
  Hear(step, "balancer " + event.balancer, at);
  if (!recovery.waiting) return;
  recovery.balancers.erase(event.balancer);
  recovery.newest_scheme = std::max(recovery.newest_scheme, event.report.scheme.at);
  const bool newer = event.report.held && event.report.held->at == event.report.scheme.at &&
                     (!recovery.held || recovery.held->at < event.report.held->at);
  if (newer) recovery.held = event.report.held;
}

void HearAgent(Transition& step, const AgentReported& event) {
  Hear(step, "agent " + ToString(event.from), event.report.view.at);
  if (step.known().recovery.waiting) step.known().recovery.agents.erase(event.from);
}

bool WantsScheme(const Transition& step, const api::BalancerReport& report) {
  const Recovery& recovery = step.known().recovery;
  return LacksScheme(recovery) && report.scheme.at == recovery.newest_scheme;
}

void SettleRecovery(Transition& step) {
  const Recovery& recovery = step.known().recovery;
  if (!recovery.waiting || !recovery.balancers.empty() || !recovery.agents.empty()) return;
  if (LacksScheme(recovery) && Obeys(Rule::kOldStateIsRecognised)) return;
  if (WaitsForLeases(step.known(), step.now)) return;
  Finish(step);
}

std::string DescribeWait(const Model& model) {
  const Recovery& recovery = model.now.recovery;
  std::string names;
  size_t listed = 0;
  const auto name = [&](const std::string& text) {
    if (listed++ < kNamed) names += (names.empty() ? "" : ", ") + text;
  };
  for (const std::string& balancer : recovery.balancers) name("balancer " + balancer);
  for (const BackendRef& who : recovery.agents) name("agent " + ToString(who));
  if (listed == 0 && LacksScheme(recovery)) return "a balancer has to hand its scheme part back";
  if (listed == 0) return "leases of the run before have to end, since this state is an old one";
  if (listed > kNamed) names += fmt::format(" and {} more", listed - kNamed);
  return names + (listed == 1 ? " has not reported" : " have not reported");
}

}  // namespace joinery::control
