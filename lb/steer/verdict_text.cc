#include "lb/steer/verdict_text.h"

#include <fmt/format.h>

namespace joinery::steer {
namespace {

// "token gen 1 (serial 7) id 5 -> web/b2"
std::string Answer(const Verdict& verdict, const Snapshot& snapshot) {
  std::string text(Name(verdict.rule));
  const PoolEntry& pool = snapshot.pools()[verdict.pool];
  if (verdict.backend == kNoIndex) return fmt::format("{} -> {}", text, pool.name);
  const BackendEntry& backend = snapshot.backends()[verdict.backend];
  if (verdict.rule == Rule::kToken || verdict.rule == Rule::kHandshake) {
    text += fmt::format(" gen {} (serial {}) id {}", verdict.codepoint.value(),
                        pool.serials[verdict.codepoint.value()].value(), backend.id.value());
  }
  return fmt::format("{} -> {}/{}", text, pool.name, backend.name);
}

std::string Drop(const Verdict& verdict, const Snapshot& snapshot) {
  const std::string text = fmt::format("drop {}", Name(verdict.reason));
  if (verdict.reason == DropReason::kMalformed) {
    return fmt::format("{}: {}", text, wire::Name(verdict.parse_reason));
  }
  if (verdict.pool == kNoIndex) return text;
  return fmt::format("{}: {}", text, Answer(verdict, snapshot));
}

}  // namespace

std::string ToString(const Verdict& verdict, const Snapshot& snapshot) {
  std::string text;
  switch (verdict.action) {
    case Action::kForward:
      text = Answer(verdict, snapshot);
      break;
    case Action::kDrop:
      text = Drop(verdict, snapshot);
      break;
    case Action::kLocal:
      text = "local";
      break;
  }
  std::string notes;
  for (size_t i = 0; i < kNoteCount; ++i) {
    const Note note = static_cast<Note>(i);
    if ((verdict.notes & Bit(note)) == 0) continue;
    notes += notes.empty() ? "" : " ";
    notes += Name(note);
  }
  return notes.empty() ? text : fmt::format("{} [{}]", text, notes);
}

}  // namespace joinery::steer
