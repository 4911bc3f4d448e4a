#include "settings/control_words.h"
#include "settings/parse_control_file.h"

namespace joinery::settings {
namespace {

constexpr uint8_t kHostBits = 2;  // fewer leave no address between the prefix's own and the last

// Unlike a port's address this is a prefix itself: host bits do not matter.
std::optional<IpPrefix> ParseSource(const ValueReader& value) {
  const auto text = value.Text();
  if (!text) return std::nullopt;
  const auto prefix = IpPrefix::Parse(*text);
  if (!prefix) {
    value.Refuse("not an address with prefix length");
    return std::nullopt;
  }
  const int bits = prefix->address.is_v4() ? 32 : 128;
  if (prefix->length == 0) {
    value.Refuse("every address, not a prefix of this host");
  } else if (prefix->length > bits - kHostBits) {
    value.Refuse("too small");
  } else if (prefix->address.IsMulticast()) {
    value.Refuse("a multicast prefix");
  } else {
    return prefix;
  }
  return std::nullopt;
}

}  // namespace

ControlHealthDraft ParseControlHealth(const MapReader& map) {
  ControlHealthDraft draft{.health = {}, .map = map, .sources = {}};
  map.Name("device", draft.health.device);
  for (const ValueReader& item : map.Items("sources")) {
    if (const auto prefix = ParseSource(item)) {
      draft.health.sources.push_back(*prefix);
      draft.sources.push_back({*prefix, item});
    }
  }
  return draft;
}

PoolHealthDraft ParsePoolHealth(const MapReader& map) {
  PoolHealthDraft draft{.health = {}, .map = map};
  PoolHealth& health = draft.health;
  map.Word("type", health.type);
  map.Number("port", health.port);
  map.Number("interval_ms", health.interval_ms);
  map.Number("timeout_ms", health.timeout_ms);
  map.Number("jitter_percent", health.jitter_percent);
  map.Number("rise", health.rise);
  map.Number("fall", health.fall);
  map.Number("damping_s", health.damping_s);
  if (const auto value = map.Find("path")) {
    const auto text = value->Text();
    if (text && !text->starts_with('/')) value->Refuse("not a path of a request");
    health.path = text.value_or(health.path);
  }
  map.Text("host", health.host);
  map.Number("status_min", health.status_min);
  map.Number("status_max", health.status_max);
  map.Text("body", health.body);
  map.Number("panic_percent", health.panic_percent);
  map.Word("all_down", health.all_down);
  return draft;
}

}  // namespace joinery::settings
