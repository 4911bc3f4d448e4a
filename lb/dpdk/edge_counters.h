// What one lcore counts at the edge, beside the decisions (steer::Counters): frames that never
// reach a decision or die after it. One list feeds the enum, the counters and their names.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "base/named_list.h"
#include "lb/steer/counters.h"

namespace joinery::dpdk {

// (constant, name, text)
#define JOINERY_EDGE_DROPS(X)                                                                    \
  X(kForeignMac, "foreign_mac", "a frame to another station's link address")                     \
  X(kForeignVlan, "foreign_vlan", "a frame without the VLAN tag of its port")                    \
  X(kOwnFrame, "own_frame", "a frame that carries our own link address as its source")           \
  X(kScattered, "scattered", "a frame longer than one buffer")                                   \
  X(kNoNeighbour, "no_neighbour", "the next hop's link address is not known (yet, or any more)") \
  X(kNoHeadroom, "no_headroom", "no room in front of the packet for the outer header")           \
  X(kTxFull, "tx_full", "the device did not take it")                                            \
  X(kLocalFull, "local_full", "more frames for the balancer itself than are kept waiting")       \
  X(kNoBuffer, "no_buffer", "no packet buffer for an answer or a question of our own")

JOINERY_NAMED_LIST(EdgeDrop, JOINERY_EDGE_DROPS);

// One writer, its lcore; any number of readers.
struct alignas(64) EdgeCounters {
  std::array<steer::Counter, kEdgeDropCount> drops;
  steer::Counter sent;             // frames that a device took, our own answers included
  steer::Counter too_big_answers;  // of them, to packets dropped with DropReason::kOverMtu
  steer::Counter busy_polls;       // rounds that received something
  steer::Counter empty_polls;      // rounds that did not
  steer::Counter sleeps;           // of them, ended by a sleep

  void Drop(EdgeDrop reason, uint64_t n = 1) noexcept { drops[static_cast<size_t>(reason)].Add(n); }
};
static_assert(alignof(EdgeCounters) == 64 && sizeof(EdgeCounters) % 64 == 0,
              "two lcores never write to one cache line");

}  // namespace joinery::dpdk
