// What the lcores forward by, swapped as one: the decision's snapshot, and where the link address
// of each of its next hops stands.
#pragma once

#include <memory>
#include <vector>

#include "lb/neighbour/table.h"
#include "lb/steer/snapshot.h"

namespace joinery::dpdk {

struct Plan {
  std::unique_ptr<const steer::Snapshot> snapshot;
  std::vector<neighbour::Slot> slots;  // by index in snapshot->next_hops()
};

}  // namespace joinery::dpdk
