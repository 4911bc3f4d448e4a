// What the health of a pool means for its placement: docs/protocol.md section 3, I6. `down` stops
// new connections only; when too much is down, the checks are more likely wrong than the servers.
#pragma once

#include "control/model/model.h"

namespace joinery::control {

struct PoolHealth {
  bool ignored = false;   // more than panic_percent down, or all_down: fail_open
  bool withdraw = false;  // none left, all_down: withdraw
};

[[nodiscard]] PoolHealth JudgeHealth(const Model& model, const std::string& name, const Pool& pool);

// In the words that balancers decide by.
[[nodiscard]] settings::BackendState StateForBalancers(const Model& model, const BackendRef& who,
                                                       const Backend& backend,
                                                       const PoolHealth& health);

}  // namespace joinery::control
