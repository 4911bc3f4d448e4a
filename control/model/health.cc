#include "control/model/health.h"

#include "control/model/rules.h"

namespace joinery::control {
namespace {

bool IsHealthy(const Model& model, const BackendRef& who) {
  const auto agent = model.now.agents.find(who);
  return agent == model.now.agents.end() || agent->second.healthy;
}

}  // namespace

PoolHealth JudgeHealth(const Model& model, const std::string& name, const Pool& pool) {
  size_t up = 0;
  size_t down = 0;
  for (const auto& [backend_name, backend] : pool.backends) {
    if (backend.state != BackendState::kUp || backend.endpoint.weight == 0) continue;
    (IsHealthy(model, {name, backend_name}) ? up : down) += 1;
  }
  const Policy& policy = model.durable.policy;
  if (down == 0) return {};
  if (up == 0 && policy.all_down == AllDown::kWithdraw) return {.withdraw = true};
  if (up == 0) return {.ignored = true};
  return {.ignored = down * 100 > (up + down) * policy.panic_percent};
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
