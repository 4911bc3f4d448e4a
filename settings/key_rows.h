// Rows of the key tables that differ in little.
#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "settings/key_words.h"
#include "settings/keys.h"
#include "settings/words.h"

namespace joinery::settings {

// `unit` is empty where the number counts.
[[nodiscard]] inline Key Number(std::string_view name, std::string_view unit, int64_t min,
                                int64_t max, uint64_t fallback, std::string_view meaning) {
  return {.name = name,
          .type = kNumberType,
          .unit = unit,
          .min = min,
          .max = max,
          .fallback = fmt::format("{}", fallback),
          .meaning = meaning};
}

// One of the words of an enum (settings/words.h).
template <typename Enum>
[[nodiscard]] Key Word(std::string_view name, Enum fallback, std::string_view meaning) {
  return {.name = name,
          .type = kWordType,
          .words = WordsOf<Enum>(),
          .fallback = std::string(ToWord(fallback)),
          .meaning = meaning};
}

}  // namespace joinery::settings
