#include <fmt/format.h>

#include "control/model/find.h"
#include "control/model/membership.h"
#include "control/model/words.h"

namespace joinery::control {
namespace {

constexpr std::string_view kOperator = "by the operator";

std::optional<Age> DeadlineAfter(const Transition& step, std::optional<seconds> wait) {
  if (!wait) return std::nullopt;
  return step.durable().age + *wait;
}

void RefuseState(Transition& step, const BackendRef& who, const Backend& backend,
                 std::string_view allowed) {
  step.Refuse(
      fmt::format("{} is {}; allowed: {}", ToString(who), ToString(backend.state), allowed));
}

}  // namespace

void OnAdd(Transition& step, const AddBackend& command) {
  const Pool* pool = FindPool(step, command.backend.pool);
  if (pool == nullptr) return;
  if (pool->backends.contains(command.backend.backend)) {
    return step.Refuse(fmt::format("there is a backend {} already", ToString(command.backend)));
  }
  step.actions.result = Add(step, command.backend, command.endpoint);
}

void OnRemove(Transition& step, const RemoveBackend& command) {
  Backend* backend = FindBackend(step, command.backend);
  if (backend == nullptr) return;
  if (command.force) return Drop(step, command.backend, false, "by force");
  Leave(step, command.backend, *backend, DeadlineAfter(step, command.deadline));
}

void OnDrain(Transition& step, const Drain& command) {
  Backend* backend = FindBackend(step, command.backend);
  if (backend == nullptr) return;
  if (backend->state != BackendState::kUp && backend->state != BackendState::kDraining) {
    return RefuseState(step, command.backend, *backend, "up, draining");
  }
  if (backend->state == BackendState::kUp) {
    Become(step, command.backend, *backend, BackendState::kDraining, kOperator);
  }
  backend->deadline = DeadlineAfter(step, command.deadline);
  step.actions.durable = true;
}

void OnUndrain(Transition& step, const Undrain& command) {
  Backend* backend = FindBackend(step, command.backend);
  if (backend == nullptr) return;
  if (backend->state != BackendState::kDraining && backend->state != BackendState::kLeaving) {
    return RefuseState(step, command.backend, *backend, "draining, leaving");
  }
  ComeBack(step, command.backend, *backend);
}

void OnFail(Transition& step, const MarkFailed& command) {
  Backend* backend = FindBackend(step, command.backend);
  if (backend == nullptr) return;
  if (backend->state == BackendState::kFailed) return;
  Become(step, command.backend, *backend, BackendState::kFailed, kOperator);
}

void OnRestore(Transition& step, const Restore& command) {
  Backend* backend = FindBackend(step, command.backend);
  if (backend == nullptr) return;
  if (backend->state != BackendState::kFailed) {
    return RefuseState(step, command.backend, *backend, "failed");
  }
  Become(step, command.backend, *backend, BackendState::kAdded, kOperator);
  // Published anew: a start does not wait for whom its state calls failed, so a backup from before
  // has to show as an old one by what the balancers hold.
  backend->published = {};
  step.SchemeChanged();
}

void OnWeight(Transition& step, const SetWeight& command) {
  Backend* backend = FindBackend(step, command.backend);
  if (backend == nullptr) return;
  if (command.weight > kMaxWeight) {
    return step.Refuse(
        fmt::format("weight {} is too large; allowed 0..{}", command.weight, kMaxWeight));
  }
  if (backend->endpoint.weight == command.weight) return;
  backend->endpoint.weight = command.weight;
  step.actions.durable = true;
  step.LoadChanged();
}

}  // namespace joinery::control
