// The tables of docs/configuration.md and docs/control-configuration.md, made from the tables of
// keys.
#pragma once

#include <string>

namespace joinery::settings {

// One Markdown table for each section of the balancer's file.
[[nodiscard]] std::string ReferenceTables();

// The same for the control daemon's.
[[nodiscard]] std::string ControlReferenceTables();

}  // namespace joinery::settings
