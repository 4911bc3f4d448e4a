#include "settings/reference.h"

#include <fmt/format.h>

#include "settings/control_file_keys.h"
#include "settings/keys.h"

namespace joinery::settings {
namespace {

std::string Values(const Key& key) {
  if (key.max_items == 0) return Allowed(key);
  std::string values =
      fmt::format("{}..{} of them: {}", key.min_items, key.max_items, Allowed(key));
  for (const std::string_view word : key.words) values += fmt::format("; or `{}`", word);
  return values;
}

void Append(std::string& out, const Section& section) {
  out += section.path.empty() ? "## The file\n\n" : fmt::format("## `{}`\n\n", section.path);
  out += fmt::format("{}\n\n| key | type | values | default | meaning |\n", section.meaning);
  out += "|---|---|---|---|---|\n";
  for (const Key& key : section.keys) {
    const std::string fallback = key.required ? "required" : key.fallback;
    out += fmt::format("| `{}` | {}{}{} | {} | {} | {} |\n", key.name, key.type,
                       key.unit.empty() ? "" : ", ", key.unit, Values(key), fallback, key.meaning);
  }
  out += "\n";
}

}  // namespace

std::string ReferenceTables() {
  std::string out;
  for (const Section* section :
       {&FileSection(), &BalancerSection(), &PortSection(), &ControlSection(), &TlsSection(),
        &PoolSection(), &SchemeSection(), &GenerationSection(), &CookieSection(),
        &CookieEpochSection(), &VipSection(), &BackendSection()}) {
    Append(out, *section);
  }
  return out;
}

std::string ControlReferenceTables() {
  std::string out;
  for (const Section* section : ControlSections()) Append(out, *section);
  return out;
}

}  // namespace joinery::settings
