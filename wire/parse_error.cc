#include "wire/parse_error.h"

#include <array>

#include <fmt/format.h>

namespace joinery::wire {
namespace {

struct Words {
  std::string_view name;
  std::string_view text;
};

constexpr std::array<Words, kParseReasonCount> kWords = {{
#define JOINERY_WORDS(constant, name, text) {name, text},
    JOINERY_PARSE_REASONS(JOINERY_WORDS)
#undef JOINERY_WORDS
}};

}  // namespace

std::string_view Name(ParseReason reason) noexcept {
  return kWords[static_cast<size_t>(reason)].name;
}

std::string_view Text(ParseReason reason) noexcept {
  return kWords[static_cast<size_t>(reason)].text;
}

std::string ToString(const ParseError& error) {
  return fmt::format("{} at {}: {}", Name(error.reason), error.offset, Text(error.reason));
}

}  // namespace joinery::wire
