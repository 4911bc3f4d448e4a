// What a configuration changes, for people (control/daemon/config_plan.h writes it).
#pragma once

#include <string>
#include <string_view>

#include "base/expected.h"

namespace joinery::ctl {

// `applied`: it was done, not only asked about.
[[nodiscard]] Expected<std::string> PlanText(std::string_view json, bool applied);

}  // namespace joinery::ctl
