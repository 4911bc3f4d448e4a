// The model's durable part as JSON, for the store. It holds keys: what ToJson gives is written to a
// private file and nowhere else. Unknown members are ignored; what is missing, out of range or an
// unknown word is an error that names its path and quotes no key.
#pragma once

#include <string>
#include <string_view>

#include "base/expected.h"
#include "control/model/durable.h"

namespace joinery::control {

// The same value always gives the same bytes.
[[nodiscard]] std::string ToJson(const Durable& durable);
[[nodiscard]] Expected<Durable> ParseDurable(std::string_view json);

}  // namespace joinery::control
