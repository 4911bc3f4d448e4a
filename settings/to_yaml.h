// The configuration in effect as YAML: what was written and every default, so that nobody has to
// guess. Secrets stay in their files.
#pragma once

#include <string>

#include "settings/config.h"

namespace joinery::settings {

// Loading the text again, beside the same key files, gives the same Config.
[[nodiscard]] std::string ToYaml(const Config& config);

}  // namespace joinery::settings
