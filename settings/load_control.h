// The only door to a ControlConfig, as load.h is for the balancer's: YAML in, a validated model or
// every mistake at once out.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"
#include "settings/control_config.h"
#include "settings/diagnostic.h"

namespace joinery::settings {

// Paths of certificates and keys become relative to the folder of the file. The files themselves
// are not read.
[[nodiscard]] Expected<ControlConfig, std::vector<Diagnostic>> LoadControlFile(
    const std::string& path);

// The same for text in memory; `name` stands for the file in diagnostics, and other files are
// relative to its folder.
[[nodiscard]] Expected<ControlConfig, std::vector<Diagnostic>> LoadControlText(
    const std::string& name, std::string_view text);

// Prints each diagnostic on its line and "FILE: 2 errors", or "FILE: valid: 2 balancers, 1 pool,
// 3 backends". True when the file is valid.
[[nodiscard]] bool CheckControlFile(const std::string& path, std::ostream& out);

}  // namespace joinery::settings
