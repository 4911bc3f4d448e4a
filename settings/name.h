// What a name may look like: of a pool, a backend, a balancer, a port.
#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "settings/limits.h"

namespace joinery::settings {

// What NameRule() says.
[[nodiscard]] inline bool IsName(std::string_view text) {
  constexpr std::string_view kFirst =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  if (text.empty() || text.size() > kMaxNameBytes) return false;
  if (kFirst.find(text.front()) == std::string_view::npos) return false;
  for (const char c : text) {
    const bool inner = c == '.' || c == '_' || c == '-';
    if (!inner && kFirst.find(c) == std::string_view::npos) return false;
  }
  return true;
}

[[nodiscard]] inline std::string NameRule() {
  return fmt::format("1..{} of a-z A-Z 0-9 . _ -, the first a letter or digit", kMaxNameBytes);
}

}  // namespace joinery::settings
