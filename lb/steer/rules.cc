#include "lb/steer/rules.h"

#include <array>

namespace joinery::steer {
namespace {

struct Words {
  std::string_view name;
  std::string_view text;
};

#define JOINERY_WORDS(constant, name, text) Words{name, text},
constexpr std::array<Words, kRuleCount> kRules = {JOINERY_RULES(JOINERY_WORDS)};
constexpr std::array<Words, kDropReasonCount> kDropReasons = {JOINERY_DROP_REASONS(JOINERY_WORDS)};
constexpr std::array<Words, kNoteCount> kNotes = {JOINERY_NOTES(JOINERY_WORDS)};
#undef JOINERY_WORDS

}  // namespace

std::string_view Name(Rule rule) noexcept { return kRules[static_cast<size_t>(rule)].name; }
std::string_view Text(Rule rule) noexcept { return kRules[static_cast<size_t>(rule)].text; }

std::string_view Name(DropReason reason) noexcept {
  return kDropReasons[static_cast<size_t>(reason)].name;
}
std::string_view Text(DropReason reason) noexcept {
  return kDropReasons[static_cast<size_t>(reason)].text;
}

std::string_view Name(Note note) noexcept { return kNotes[static_cast<size_t>(note)].name; }
std::string_view Text(Note note) noexcept { return kNotes[static_cast<size_t>(note)].text; }

}  // namespace joinery::steer
