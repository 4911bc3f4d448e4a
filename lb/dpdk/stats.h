// The state of a running balancer in one struct, and its two texts: a JSON document for programs
// (the stats socket) and a table for people (at exit). Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/mac_address.h"
#include "lb/dpdk/edge_counters.h"
#include "lb/follow/status.h"
#include "lb/neighbour/outcomes.h"
#include "lb/neighbour/table.h"
#include "lb/steer/counters.h"
#include "lb/steer/snapshot.h"

namespace joinery::dpdk {

// What a device says about itself.
struct PortCounters {
  uint64_t rx_packets = 0;
  uint64_t rx_bytes = 0;
  uint64_t rx_missed = 0;  // lost before us: we were too slow
  uint64_t rx_errors = 0;
  uint64_t rx_no_mbuf = 0;
  uint64_t tx_packets = 0;
  uint64_t tx_bytes = 0;
  uint64_t tx_errors = 0;
};

struct PortStats {
  std::string name;
  MacAddress mac;
  PortCounters counters;
};

struct LcoreStats {
  uint16_t cpu = 0;
  uint64_t busy_polls = 0;
  uint64_t empty_polls = 0;
  uint64_t sleeps = 0;
};

struct Stats {
  std::string name;  // lb.name
  Nanoseconds uptime{};
  steer::CounterTotals totals;
  std::array<uint64_t, kEdgeDropCount> edge_drops{};
  uint64_t sent = 0;             // frames that devices took, the balancer's own included
  uint64_t too_big_answers = 0;  // ICMP sent to senders of what was longer than the MTU
  std::array<uint64_t, neighbour::kOutcomeCount> local{};
  std::vector<PortStats> ports;
  std::vector<LcoreStats> lcores;
  std::vector<neighbour::NeighbourStatus> neighbours;
  std::array<uint8_t, 32> tables{};         // steer::TableDigest of what is in force
  std::optional<follow::Status> following;  // none: the pools are in the file
  uint64_t stats_refused = 0;               // connections to the stats socket above its limit
};

// {"name":"lb","uptime_s":1.5,"steer":{as steer::CountersToJson},"edge_drops":{...},"sent":1,
//  "too_big_answers":0,"local":{...},"ports":{"wan":{"mac":"02:...","rx_packets":1,...}},
//  "lcores":[{"cpu":0,"busy_polls":1,"empty_polls":2,"sleeps":3}],
//  "neighbours":[{"port":"wan","address":"198.18.0.11","state":"reachable","mac":"02:..."}],
//  "tables":"SHA-256 in hexadecimal","control":{as follow::ToJson},"stats_refused":0}
// on one line, without a newline. A neighbour without a link address has no "mac"; "control" is
// null when the pools are in the file.
[[nodiscard]] std::string ToJson(const Stats& stats, const steer::Snapshot& snapshot);

// Rules, backends and ports in full; drops, notes and local outcomes where there were any.
[[nodiscard]] std::string ToTable(const Stats& stats, const steer::Snapshot& snapshot);

}  // namespace joinery::dpdk
