#include "settings/keys.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "settings/key_words.h"

namespace joinery::settings {

const Key* Section::Find(std::string_view name) const noexcept {
  const auto found = std::ranges::find(keys, name, &Key::name);
  return found == keys.end() ? nullptr : &*found;
}

std::vector<std::string_view> Section::Names() const {
  std::vector<std::string_view> names;
  for (const Key& key : keys) names.push_back(key.name);
  return names;
}

Key MetricsKey(const std::optional<Endpoint>& fallback) {
  return {.name = "metrics",
          .type = kEndpointType,
          .allowed = EndpointRule() + "; or off",
          .fallback = fallback ? ToString(*fallback) : "off",
          .meaning =
              "Where `/metrics`, `/healthz` and `/readyz` are answered over HTTP, without "
              "asking who asks."};
}

std::string Allowed(const Key& key) {
  if (!key.allowed.empty()) return key.allowed;
  if (!key.words.empty()) return fmt::format("one of {}", fmt::join(key.words, ", "));
  return fmt::format("{}..{}", key.min, key.max);
}

}  // namespace joinery::settings
