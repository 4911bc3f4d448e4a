// How many slots of a pool's Maglev table a configuration would give to other backends: so many of
// its new connections, and of those that only the hash can place, then go elsewhere.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/expected.h"
#include "control/model/desired.h"
#include "control/model/durable.h"

namespace joinery::control {

// Name -> weight of the backends that new connections come to.
using Placement = std::map<std::string, uint32_t>;

// As it is, health left aside.
[[nodiscard]] Placement PlacementOf(const Pool& pool);
// As it will be, once new backends are up; what is drained or failed stays out.
[[nodiscard]] Placement PlacementOf(const Pool& pool, const DesiredPool& desired);

struct MovedSlots {
  uint32_t moved = 0;
  uint32_t size = 0;  // of the table
};

// Another size moves nearly all of them: that is counted as all.
[[nodiscard]] Expected<MovedSlots> CountMovedSlots(const Pool& pool, const DesiredPool& desired);

}  // namespace joinery::control
