#include "lb/steer/verdict_json.h"

#include <fmt/format.h>

namespace joinery::steer {
namespace {

std::string NotesJson(const Verdict& verdict) {
  std::string out;
  for (size_t i = 0; i < kNoteCount; ++i) {
    const auto note = static_cast<Note>(i);
    if ((verdict.notes & Bit(note)) == 0) continue;
    out += fmt::format("{}\"{}\"", out.empty() ? "" : ",", Name(note));
  }
  return '[' + out + ']';
}

}  // namespace

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string VerdictMembers(const Verdict& verdict, const Snapshot& snapshot) {
  std::string out = fmt::format("\"action\":\"{}\"", Name(verdict.action));
  if (verdict.action == Action::kDrop) {
    out += fmt::format(",\"reason\":\"{}\"", Name(verdict.reason));
  }
  if (verdict.pool != kNoIndex) {
    out += fmt::format(",\"rule\":\"{}\",\"pool\":\"{}\"", Name(verdict.rule),
                       snapshot.pools()[verdict.pool].name);
  }
  if (verdict.backend != kNoIndex) {
    out += fmt::format(",\"backend\":\"{}\"", snapshot.backends()[verdict.backend].name);
  }
  return out + ",\"notes\":" + NotesJson(verdict);
}

}  // namespace joinery::steer
