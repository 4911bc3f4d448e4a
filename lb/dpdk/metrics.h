// The state of a running balancer for Prometheus, in its text format 0.0.4. Names of rules, reasons
// and notes are those of the JSON document (lb/dpdk/stats.h). How many series there are depends on
// the configuration only: pools, backends, ports and cores, nothing that a client sends. Pure.
#pragma once

#include <string>

#include "lb/dpdk/stats.h"
#include "lb/steer/snapshot.h"

namespace joinery::dpdk {

[[nodiscard]] std::string ToPrometheus(const Stats& stats, const steer::Snapshot& snapshot);

}  // namespace joinery::dpdk
