#include <type_traits>

#include <fmt/format.h>

#include "control/model/agent_reports.h"
#include "control/model/configuration.h"
#include "control/model/confirmation.h"
#include "control/model/lease.h"
#include "control/model/membership.h"
#include "control/model/model.h"
#include "control/model/recovery.h"
#include "control/model/rotation.h"
#include "control/model/transition.h"

namespace joinery::control {
namespace {

// How much of the age a crash may forget; the deadlines that count by it are hours.
constexpr Age kAgeSavedEvery{60};

// Commands wait for the end of recovery, except the one that ends it.
struct Handler {
  Transition& step;

  void operator()(const Started& e) const { OnStarted(step, e); }
  void operator()(const ConfigApplied& e) const { OnConfig(step, e); }
  void operator()(const BalancerReported& e) const { OnBalancerReport(step, e); }
  void operator()(const AgentReported& e) const { OnAgentReport(step, e); }
  void operator()(const HealthChanged& e) const { OnHealth(step, e); }
  void operator()(const Tick& /*e*/) const {}
  void operator()(const Recover& e) const { OnRecover(step, e); }
  void operator()(const Drain& e) const { Command(OnDrain, e); }
  void operator()(const Undrain& e) const { Command(OnUndrain, e); }
  void operator()(const MarkFailed& e) const { Command(OnFail, e); }
  void operator()(const Restore& e) const { Command(OnRestore, e); }
  void operator()(const AddBackend& e) const { Command(OnAdd, e); }
  void operator()(const RemoveBackend& e) const { Command(OnRemove, e); }
  void operator()(const SetWeight& e) const { Command(OnWeight, e); }
  void operator()(const Rotate& e) const { Command(OnRotate, e); }
  void operator()(const Rollback& e) const { Command(OnRollback, e); }
  void operator()(const Abort& e) const { Command(OnAbort, e); }
  void operator()(const ForceRetire& e) const { Command(OnForceRetire, e); }

  template <typename C>
  void Command(void (*handle)(Transition&, const C&), const C& command) const {
    if (!step.known().recovery.waiting) return handle(step, command);
    step.Refuse(
        fmt::format("control waits after its start: {}; wait, or name the absent with recover",
                    DescribeWait(step.model)));
  }
};

void Grow(Transition& step) {
  Volatile& known = step.known();
  const auto run = std::chrono::floor<seconds>(step.now - known.started);
  step.durable().age = known.age_at_start + run;
  if (step.durable().age >= known.age_saved + kAgeSavedEvery) step.actions.durable = true;
}

// Reports of agents come by the thousand and bring nothing about that a second could not wait for.
bool Settles(const Event& event) {
  return !std::holds_alternative<AgentReported>(event) &&
         !std::holds_alternative<HealthChanged>(event);
}

void Settle(Transition& step) {
  SettleRecovery(step);
  EndLeases(step);
  if (step.known().recovery.waiting) return;
  const ConfirmedParts confirmed = {.scheme = ConfirmedScheme(step.model, step.now),
                                    .load = ConfirmedLoad(step.model, step.now)};
  for (auto& [name, pool] : step.durable().pools) {
    SettleBackends(step, name, pool, confirmed);
    SettleGenerations(step, name, pool, confirmed.scheme);
  }
}

}  // namespace

Actions Step(Model& model, const Event& event, Instant now, Random& random) {
  Transition step{.model = model, .now = now, .random = random};
  if (!std::holds_alternative<Started>(event)) Grow(step);
  std::visit(Handler{step}, event);
  if (Settles(event)) {
    Settle(step);
  } else {
    SettleRecovery(step);  // or the next command is refused although nobody is missing
  }
  Publish(step);
  if (step.actions.durable) step.known().age_saved = step.durable().age;
  return std::move(step.actions);
}

}  // namespace joinery::control
