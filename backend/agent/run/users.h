// Users of this host by their names: getpwnam(3).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/expected.h"

namespace joinery::agent {

// Their numbers; decimal digits are a number already. Refuses a name that nobody has.
[[nodiscard]] Expected<std::vector<uint32_t>> UsersByName(const std::vector<std::string>& users);

}  // namespace joinery::agent
