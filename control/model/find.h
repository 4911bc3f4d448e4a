// What a command names, or a refusal that says what there is.
#pragma once

#include <string>

#include "control/model/transition.h"

namespace joinery::control {

// Null: the step's result says why.
[[nodiscard]] Pool* FindPool(Transition& step, const std::string& name);
[[nodiscard]] Backend* FindBackend(Transition& step, const BackendRef& who);

}  // namespace joinery::control
