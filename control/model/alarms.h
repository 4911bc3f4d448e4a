// What is wrong now and needs a person, derived from the model: for `joinctl status` and metrics.
#pragma once

#include <string>
#include <vector>

#include "control/model/model.h"

namespace joinery::control {

// One sentence each, in a fixed order; empty: all is well.
[[nodiscard]] std::vector<std::string> Alarms(const Model& model, Instant now);

}  // namespace joinery::control
