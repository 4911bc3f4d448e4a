// A position as text, "EPOCH.VERSION" in decimal: in the query of a watch, in the header
// Joinery-Position of its answer, and in logs.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/position.h"

namespace joinery::api {

[[nodiscard]] std::string ToString(const Position& at);

// Two decimal numbers of 64 bits, without signs or leading zeros, and one dot; nothing else.
[[nodiscard]] std::optional<Position> ParsePosition(std::string_view text);

}  // namespace joinery::api
