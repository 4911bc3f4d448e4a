#include "control/model/health.h"

#include <fmt/format.h>

#include "control/model/rules.h"

namespace joinery::control {
namespace {

bool IsHealthy(const Model& model, const BackendRef& who) {
  const auto agent = model.now.agents.find(who);
  return agent == model.now.agents.end() || agent->second.healthy;
}

}  // namespace

PoolHealth JudgeHealth(const Model& model, const std::string& name, const Pool& pool) {
  PoolHealth health;
  for (const auto& [backend_name, backend] : pool.backends) {
    if (backend.state != BackendState::kUp || backend.endpoint.weight == 0) continue;
    (IsHealthy(model, {name, backend_name}) ? health.up : health.down) += 1;
  }
  if (health.down == 0) return health;
  const bool none = health.up == 0;
  health.withdraw = none && pool.health.all_down == AllDown::kWithdraw;
  const size_t all = health.up + health.down;
  const bool panic = none || health.down * 100 > all * pool.health.panic_percent;
  health.ignored = panic && !health.withdraw;
  return health;
}

std::string Trouble(const std::string& name, const PoolHealth& health) {
  if (!health.ignored && !health.withdraw) return "";
  return fmt::format("{}: {} of {} backends are down: {}", name, health.down,
                     health.up + health.down,
                     health.withdraw ? "its VIPs are withdrawn" : "health is ignored");
}

settings::BackendState StateForBalancers(const Model& model, const BackendRef& who,
                                         const Backend& backend, const PoolHealth& health) {
  switch (backend.state) {
    case BackendState::kFailed:
      return settings::BackendState::kFailed;
    case BackendState::kAdded:
    case BackendState::kDraining:
    case BackendState::kLeaving:
      return settings::BackendState::kDraining;
    case BackendState::kUp:
      break;
  }
  if (health.ignored || IsHealthy(model, who)) return settings::BackendState::kUp;
  return Obeys(Rule::kDownStaysReachable) ? settings::BackendState::kDown
                                          : settings::BackendState::kFailed;
}

}  // namespace joinery::control
