// Completion scripts and the manual page, made from the tree of commands, so that they cannot be
// stale: `joinctl completion bash`, `joinctl completion zsh`, `joinctl manual`.
#pragma once

#include <string>

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's
class App;
}

namespace joinery::ctl {

[[nodiscard]] std::string BashCompletion(const CLI::App& app);
[[nodiscard]] std::string ZshCompletion(const CLI::App& app);
// man(7), section 8.
[[nodiscard]] std::string ManualPage(const CLI::App& app);

}  // namespace joinery::ctl
