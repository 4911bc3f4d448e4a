// What a configuration would change, before it does, for `joinctl config diff` and the answer to
// `config apply`.
#pragma once

#include <string>
#include <vector>

#include "control/model/event.h"
#include "control/model/model.h"
#include "control/model/preview.h"
#include "settings/control_config.h"

namespace joinery::control {

struct PoolPlan {
  std::string pool;
  uint32_t moved_slots = 0;
  uint32_t table_size = 0;
  // Connections on backends that stay, as last reported, times the moved share: so many have only
  // a balancer's flow cache to keep them, and are lost if that is (docs/protocol.md section 4).
  uint32_t at_risk = 0;
};

struct ConfigPlan {
  std::vector<Change> changes;
  std::vector<PoolPlan> pools;        // those whose table changes
  std::vector<std::string> restarts;  // keys that differ and take effect at the next start only

  [[nodiscard]] bool refused() const noexcept;
  [[nodiscard]] bool empty() const noexcept { return changes.empty() && restarts.empty(); }
};

// What is in force. How backends are checked is not the model's.
struct InForce {
  const Model& model;
  const settings::ControlConfig& started;  // what the daemon was started with
  const settings::ControlConfig& checked;  // what backends are checked by
};

[[nodiscard]] ConfigPlan PlanOf(const InForce& now, const settings::ControlConfig& wanted,
                                bool force);

[[nodiscard]] std::string ToJson(const ConfigPlan& plan);

}  // namespace joinery::control
