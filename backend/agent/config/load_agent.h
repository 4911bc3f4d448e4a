// The only door to an AgentConfig: YAML in, a validated model or every mistake at once out. The
// files that it names are not read here.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "backend/agent/config/agent_config.h"
#include "base/expected.h"
#include "settings/diagnostic.h"

namespace joinery::agent {

[[nodiscard]] Expected<AgentConfig, std::vector<settings::Diagnostic>> LoadAgentFile(
    const std::string& path);
// The same for text in memory; `name` stands for the file in diagnostics.
[[nodiscard]] Expected<AgentConfig, std::vector<settings::Diagnostic>> LoadAgentText(
    const std::string& name, std::string_view text);

// `joinery-agent --check FILE`: each diagnostic on its line and "FILE: 2 errors", or "FILE: valid".
[[nodiscard]] bool CheckAgentFile(const std::string& path, std::ostream& out);

}  // namespace joinery::agent
