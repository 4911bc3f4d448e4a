#include "lb/follow/fence.h"

#include <algorithm>

#include <fmt/format.h>

#include "api/position_text.h"
#include "base/hex.h"

namespace joinery::follow {
namespace {

// Enough of a digest to tell two apart.
std::string Short(const api::Digest& digest) { return ToHex(digest).substr(0, 16); }

}  // namespace

Fence Check(const std::optional<api::Stamp>& known, const api::Stamp& arrived) noexcept {
  if (!known || arrived.at > known->at) return Fence::kNewer;
  return arrived == *known ? Fence::kSame : Fence::kRefused;
}

std::string WhyRefused(const api::Stamp& known, const api::Stamp& arrived) {
  if (arrived.at < known.at) {
    return fmt::format("position {} is below {}, which this balancer has; nobody goes back (I8)",
                       api::ToString(arrived.at), api::ToString(known.at));
  }
  return fmt::format("other bytes under position {}: sha-256 {}..., this balancer has {}... (I8)",
                     api::ToString(arrived.at), Short(arrived.digest), Short(known.digest));
}

std::optional<std::string> WhyNotFor(const api::SchemePart& scheme, const api::LoadPart& load) {
  if (load.scheme != scheme.at) return std::nullopt;  // older; a newer one waits for its own
  for (const api::PoolLoad& pool : load.pools) {
    const auto home = std::ranges::find(scheme.pools, pool.id, &api::PoolScheme::id);
    if (home == scheme.pools.end()) {
      return fmt::format("pools[id {}]: no such pool in scheme part {}", pool.id.value(),
                         api::ToString(scheme.at));
    }
    for (const api::MemberLoad& member : pool.members) {
      if (std::ranges::find(home->members, member.id, &api::Member::id) != home->members.end()) {
        continue;
      }
      return fmt::format("pools[{}].members[id {}]: no such member in scheme part {}", home->name,
                         member.id.value(), api::ToString(scheme.at));
    }
  }
  return std::nullopt;
}

}  // namespace joinery::follow
