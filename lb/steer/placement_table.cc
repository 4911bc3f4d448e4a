#include "lb/steer/placement_table.h"

#include <algorithm>
#include <utility>

namespace joinery::steer {

Expected<std::shared_ptr<const PlacementTable>> PlacementTable::Make(
    std::span<const MaglevBackend> backends, const crypto::Key128& secret, uint32_t size,
    const std::shared_ptr<const PlacementTable>& previous) {
  Ingredients made_of{.members = {}, .secret = secret, .size = size};
  for (const MaglevBackend& b : backends) {
    made_of.members.push_back({.name = std::string(b.name), .weight = b.weight, .value = b.value});
  }
  std::ranges::sort(made_of.members, {}, &Member::name);
  if (previous != nullptr && previous->made_of_ == made_of) return previous;
  auto slots = BuildMaglevTable(backends, secret, size);
  if (!slots) return unexpected(slots.error());
  return std::shared_ptr<const PlacementTable>(
      new PlacementTable(std::move(made_of), *std::move(slots)));
}

}  // namespace joinery::steer
