#include "control/daemon/moved_slots.h"

#include <vector>

#include "lb/steer/maglev.h"

namespace joinery::control {
namespace {

bool IsOut(BackendState state) {
  return state == BackendState::kDraining || state == BackendState::kFailed;
}

// Slots hold `numbers` of the names, so that two tables can be compared.
Expected<std::vector<uint16_t>> TableOf(const Placement& placement,
                                        const std::map<std::string, uint16_t>& numbers,
                                        const crypto::Key128& secret, uint32_t size) {
  std::vector<steer::MaglevBackend> backends;
  for (const auto& [name, weight] : placement) {
    backends.push_back({.name = name, .weight = weight, .value = numbers.at(name)});
  }
  return steer::BuildMaglevTable(backends, secret, size);
}

}  // namespace

Placement PlacementOf(const Pool& pool) {
  Placement placement;
  for (const auto& [name, backend] : pool.backends) {
    if (backend.state == BackendState::kUp) placement[name] = backend.endpoint.weight;
  }
  return placement;
}

Placement PlacementOf(const Pool& pool, const DesiredPool& desired) {
  Placement placement;
  for (const auto& [name, endpoint] : desired.backends) {
    const auto found = pool.backends.find(name);
    if (found != pool.backends.end() && IsOut(found->second.state)) continue;
    placement[name] = endpoint.weight;
  }
  return placement;
}

Expected<MovedSlots> CountMovedSlots(const Pool& pool, const DesiredPool& desired) {
  const Placement before = PlacementOf(pool);
  const Placement after = PlacementOf(pool, desired);
  const uint32_t size = desired.service.table_size;
  if (before == after && size == pool.service.table_size)
    return MovedSlots{.moved = 0, .size = size};
  if (size != pool.service.table_size) return MovedSlots{.moved = size, .size = size};

  std::map<std::string, uint16_t> numbers;
  for (const Placement* placement : {&before, &after}) {
    for (const auto& [name, weight] : *placement) {
      numbers.try_emplace(name, static_cast<uint16_t>(numbers.size()));
    }
  }
  const auto old_table = TableOf(before, numbers, pool.hash_secret, size);
  const auto new_table = TableOf(after, numbers, pool.hash_secret, size);
  if (!old_table) return unexpected(old_table.error());
  if (!new_table) return unexpected(new_table.error());
  if (old_table->size() != new_table->size()) return MovedSlots{.moved = size, .size = size};
  MovedSlots result{.moved = 0, .size = size};
  for (size_t slot = 0; slot < new_table->size(); ++slot) {
    result.moved += (*old_table)[slot] != (*new_table)[slot] ? 1 : 0;
  }
  return result;
}

}  // namespace joinery::control
