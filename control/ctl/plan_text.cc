#include "control/ctl/plan_text.h"

#include <fmt/format.h>

#include "api/json_reader.h"

namespace joinery::ctl {
namespace {

using api::JsonValue;

constexpr size_t kMany = 1 << 20;
constexpr size_t kMaxText = 65'536;

std::string ChangeText(const JsonValue& change) {
  std::string text =
      fmt::format("{:<8} {}", change["kind"].Text(kMaxText), change["what"].Text(kMaxText));
  if (const std::string why = change["why"].Text(kMaxText); !why.empty()) text += ": " + why;
  if (const auto ending = change["connections"].Integer<uint64_t>(); ending > 0) {
    text += fmt::format(" ({} connections end)", ending);
  }
  return text + "\n";
}

std::string PoolText(const JsonValue& pool) {
  const auto moved = pool["moved_slots"].Integer<uint64_t>();
  const auto size = pool["table_size"].Integer<uint64_t>(1);
  return fmt::format(
      "{}: {} of {} slots move ({:.1f} %): so many of the new connections go elsewhere, and about "
      "{} that live now have only the balancers' flow caches to keep them\n",
      pool["pool"].Text(kMaxText), moved, size,
      100.0 * static_cast<double>(moved) / static_cast<double>(size),
      pool["at_risk"].Integer<uint64_t>());
}

std::string Read(const JsonValue& value, bool applied) {
  std::string text;
  value["changes"].Each(kMany, [&](const JsonValue& change) { text += ChangeText(change); });
  value["pools"].Each(kMany, [&](const JsonValue& pool) { text += PoolText(pool); });
  value["restarts"].Each(kMany, [&](const JsonValue& key) {
    text += fmt::format("{} differs: it takes effect when joinery-control starts\n",
                        key.Text(kMaxText));
  });
  if (text.empty()) return "no change\n";
  if (value["refused"].Bool()) text += "apply refuses this; what breaks needs --force\n";
  if (applied) text += "applied\n";
  return text;
}

}  // namespace

Expected<std::string> PlanText(std::string_view json, bool applied) {
  std::string text;
  const auto read =
      api::ReadJson(json, [&](const JsonValue& value) { text = Read(value, applied); });
  if (!read) return unexpected(read.error());
  return text;
}

}  // namespace joinery::ctl
