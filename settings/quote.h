// Text of unknown origin made fit to print in a diagnostic.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace joinery::settings {

inline constexpr size_t kMaxQuotedBytes = 64;

// What does not print is shown as \xNN, what is too long is cut with "...".
[[nodiscard]] std::string Escape(std::string_view text);

// The same in double quotes.
[[nodiscard]] std::string Quote(std::string_view text);

}  // namespace joinery::settings
