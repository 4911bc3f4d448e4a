// One step while it is made: the model, its inputs, and what has changed so far. Only inside
// control/model.
#pragma once

#include <string>
#include <utility>

#include "base/clock.h"
#include "base/random.h"
#include "control/model/model.h"

namespace joinery::control {

struct Transition {
  Model& model;
  const Instant now;
  Random& random;
  Actions actions{};

  [[nodiscard]] Durable& durable() const noexcept { return model.durable; }
  [[nodiscard]] Volatile& known() const noexcept { return model.now; }

  // The scheme part, the load part, what agents are told: each implies that the durable part
  // changed.
  void SchemeChanged() noexcept { actions.durable = actions.scheme = true; }
  void LoadChanged() noexcept { actions.load = true; }
  void AgentChanged(const BackendRef& who);
  void AgentsChanged(const std::string& pool);
  void AllChanged();

  void Log(Severity severity, std::string text) {
    actions.log.push_back({severity, std::move(text)});
  }
  void Refuse(std::string message, std::optional<uint32_t> retry_after_s = {}) {
    actions.result = tl::unexpected<Refusal>(Refusal{std::move(message), retry_after_s});
  }
};

// Last part of a step: counts who was ever told what, and gives new positions to what changed.
// While control waits after a start nothing is given one.
void Publish(Transition& step);

}  // namespace joinery::control
