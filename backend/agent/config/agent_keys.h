// Every key of the agent's configuration, once: parser, "did you mean" and the table in
// backend/agent/README.md come from here (settings/keys.h does the same for the balancer's).
#pragma once

#include <string>

#include "settings/keys.h"

namespace joinery::agent {

[[nodiscard]] const settings::Section& AgentFileSection();
[[nodiscard]] const settings::Section& AgentSection();
[[nodiscard]] const settings::Section& ControlAddressSection();
[[nodiscard]] const settings::Section& TlsFilesSection();
[[nodiscard]] const settings::Section& StacksSection();
[[nodiscard]] const settings::Section& ChecksSection();

// As Markdown.
[[nodiscard]] std::string ReferenceTables();

}  // namespace joinery::agent
