// What the lcores forward by, swapped as one: the decision's snapshot, and where the link address
// of each of its next hops stands.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "lb/neighbour/table.h"
#include "lb/steer/snapshot.h"

namespace joinery::dpdk {

// Where the packets of a backend go. Dense, and all that forwarding reads of it: the snapshot's
// entries take several cache lines each.
struct Hop {
  neighbour::Slot slot = 0;  // of the neighbour
  uint16_t port = 0;         // in the configuration
  uint16_t headroom = 0;     // bytes that its outer headers take: steer::EncapOverhead
};
static_assert(sizeof(Hop) == 8, "eight backends in a cache line");

struct Plan {
  std::unique_ptr<const steer::Snapshot> snapshot;
  std::vector<neighbour::Slot> slots;  // acquired: by index in snapshot->next_hops()
  std::vector<Hop> hops;               // by index in snapshot->backends(); of no use where vacant
  std::array<uint8_t, 32> tables{};    // steer::TableDigest
};

}  // namespace joinery::dpdk
