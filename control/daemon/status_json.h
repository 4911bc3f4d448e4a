// All that an operator may see of the model, as one JSON object; the answer to GET /v1/status. No
// keys: generations show their codepoint and serial, pools no secret.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "control/daemon/backend_health.h"
#include "control/model/model.h"

namespace joinery::control {

[[nodiscard]] std::string StatusJson(std::string_view control_name, const Model& model,
                                     const HealthByBackend& health, Instant now);

}  // namespace joinery::control
