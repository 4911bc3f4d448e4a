#include "api/net/identity.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "settings/name.h"

namespace joinery::api {
namespace {

constexpr std::string_view kScheme = "joinery:";
constexpr std::array<std::pair<std::string_view, Role>, 4> kRoles = {{
    {"balancer:", Role::kBalancer},
    {"agent:", Role::kAgent},
    {"control:", Role::kControl},
    {"operator:", Role::kOperator},
}};

}  // namespace

std::optional<Identity> ParseIdentity(std::string_view uri) {
  if (!uri.starts_with(kScheme)) return std::nullopt;
  uri.remove_prefix(kScheme.size());
  for (const auto& [word, role] : kRoles) {
    if (!uri.starts_with(word)) continue;
    std::string_view name = uri.substr(word.size());
    Identity identity{.role = role};
    if (role == Role::kAgent) {
      const size_t slash = name.find('/');
      if (slash == std::string_view::npos) return std::nullopt;
      identity.pool = name.substr(0, slash);
      name.remove_prefix(slash + 1);
      if (!settings::IsName(identity.pool)) return std::nullopt;
    }
    if (!settings::IsName(name)) return std::nullopt;
    identity.name = name;
    return identity;
  }
  return std::nullopt;
}

std::string ToString(const Identity& identity) {
  for (const auto& [word, role] : kRoles) {
    if (role != identity.role) continue;
    const std::string pool = role == Role::kAgent ? identity.pool + "/" : "";
    return fmt::format("{}{}{}{}", kScheme, word, pool, identity.name);
  }
  return fmt::format("uid {}", identity.uid);
}

}  // namespace joinery::api
