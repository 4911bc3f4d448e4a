// The tables of docs/configuration.md, made from the key table (keys.h).
#pragma once

#include <string>

namespace joinery::settings {

// Markdown: one heading and one table for each section.
[[nodiscard]] std::string ReferenceTables();

}  // namespace joinery::settings
