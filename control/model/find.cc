#include "control/model/find.h"

#include <fmt/format.h>

#include "control/model/words.h"

namespace joinery::control {

Pool* FindPool(Transition& step, const std::string& name) {
  const auto found = step.durable().pools.find(name);
  if (found != step.durable().pools.end()) return &found->second;
  step.Refuse(fmt::format("there is no pool {}", name));
  return nullptr;
}

Backend* FindBackend(Transition& step, const BackendRef& who) {
  Pool* pool = FindPool(step, who.pool);
  if (pool == nullptr) return nullptr;
  const auto found = pool->backends.find(who.backend);
  if (found != pool->backends.end()) return &found->second;
  step.Refuse(fmt::format("there is no backend {}", ToString(who)));
  return nullptr;
}

}  // namespace joinery::control
