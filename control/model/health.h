// What the health of a pool means for its placement: docs/protocol.md section 3, I6. `down` stops
// new connections only; when too much is down, the checks are more likely wrong than the servers.
#pragma once

#include <string>

#include "control/model/model.h"

namespace joinery::control {

// Of the backends that could be placed on.
struct PoolHealth {
  size_t up = 0;
  size_t down = 0;
  bool ignored = false;   // more than panic_percent down, or all_down: fail_open
  bool withdraw = false;  // none left, all_down: withdraw
};

[[nodiscard]] PoolHealth JudgeHealth(const Model& model, const std::string& name, const Pool& pool);

// "web: 3 of 4 backends are down: ..."; empty while health is heeded and somebody is up.
[[nodiscard]] std::string Trouble(const std::string& name, const PoolHealth& health);

// In the words that balancers decide by.
[[nodiscard]] settings::BackendState StateForBalancers(const Model& model, const BackendRef& who,
                                                       const Backend& backend,
                                                       const PoolHealth& health);

}  // namespace joinery::control
