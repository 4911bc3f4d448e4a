// Who is checked, and how: the backends that the model has, as their pool's section of the file
// asks.
#pragma once

#include <string>
#include <vector>

#include "control/health/target.h"
#include "control/model/durable.h"
#include "settings/control_config.h"

namespace joinery::control {

struct CheckedBackend {
  BackendRef backend;
  health::Target target;

  friend bool operator==(const CheckedBackend&, const CheckedBackend&) noexcept = default;
};

// One for each backend and family: at the pool's first tcp VIP of it. A backend that failed or
// leaves is not asked, since what it would answer changes nothing.
[[nodiscard]] std::vector<CheckedBackend> TargetsOf(const Durable& durable,
                                                    const settings::ControlConfig& config);

}  // namespace joinery::control
