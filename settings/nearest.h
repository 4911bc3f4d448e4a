// "Did you mean": the known word that a mistyped one was probably meant to be.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace joinery::settings {

// Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b` (the optimal
// string alignment distance).
[[nodiscard]] size_t EditDistance(std::string_view a, std::string_view b);

// "; did you mean drain_timeout_ms?", or nothing when no word is near: at most a third of the
// letters may be wrong, whatever their case. The known words are in lower case.
[[nodiscard]] std::string DidYouMean(std::string_view word,
                                     std::span<const std::string_view> known);

}  // namespace joinery::settings
