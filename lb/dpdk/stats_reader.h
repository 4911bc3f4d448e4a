// Gathers what the parts of a running balancer say of themselves. On the control thread, or when
// the lcores have ended.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/clock.h"
#include "lb/dpdk/devices.h"
#include "lb/dpdk/lcore.h"
#include "lb/dpdk/neighbours.h"
#include "lb/dpdk/plan.h"
#include "lb/dpdk/snapshot_holder.h"
#include "lb/dpdk/stats.h"
#include "settings/config.h"

namespace joinery::dpdk {

using Lcores = std::vector<std::unique_ptr<Lcore>>;

class StatsReader {
 public:
  // All outlive the reader.
  StatsReader(const settings::Balancer& balancer, const Devices& devices, const Lcores& lcores,
              Neighbours& neighbours, const SnapshotHolder<Plan>& plans, const Clock& clock)
      : balancer_(balancer),
        devices_(devices),
        lcores_(lcores),
        neighbours_(neighbours),
        plans_(plans),
        clock_(clock),
        start_(clock.Now()) {}

  // Without what is not the forwarding's: stats_refused, following.
  [[nodiscard]] Stats Read() const;
  [[nodiscard]] const steer::Snapshot& snapshot() const noexcept {
    return *plans_.Current().snapshot;
  }

 private:
  void ReadLcores(Stats& stats) const;

  const settings::Balancer& balancer_;
  const Devices& devices_;
  const Lcores& lcores_;
  Neighbours& neighbours_;
  const SnapshotHolder<Plan>& plans_;
  const Clock& clock_;
  Instant start_;
};

}  // namespace joinery::dpdk
