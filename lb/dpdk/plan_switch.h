// From a configuration to what the lcores forward by: builds the next plan beside the one in force
// and swaps it in. On the control thread; no lcore waits for any of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/expected.h"
#include "lb/dpdk/neighbours.h"
#include "lb/dpdk/plan.h"
#include "lb/dpdk/snapshot_holder.h"
#include "settings/config.h"

namespace joinery::dpdk {

// How long a new plan waits for its new next hops to answer before packets are sent to them; who
// has not answered by then is down.
inline constexpr std::chrono::milliseconds kResolvePatience{1000};

// The plan of a configuration. `previous` keeps counters and limits in place across a reload.
[[nodiscard]] Expected<std::unique_ptr<Plan>> MakePlan(const settings::Config& config,
                                                       uint64_t version,
                                                       const steer::Snapshot* previous,
                                                       Neighbours& neighbours, const Clock& clock);

class PlanSwitch {
 public:
  // All references outlive this object.
  PlanSwitch(SnapshotHolder<Plan>& plans, Neighbours& neighbours, const Clock& clock)
      : plans_(plans), neighbours_(neighbours), clock_(clock) {}
  ~PlanSwitch() { Drop(); }
  PlanSwitch(const PlanSwitch&) = delete;
  PlanSwitch& operator=(const PlanSwitch&) = delete;

  [[nodiscard]] const Plan& current() const noexcept { return plans_.Current(); }

  // Makes the next plan. What was built before and not swapped in is dropped.
  [[nodiscard]] Expected<void> Build(const settings::Config& config);
  // Puts what was built into force, when its new next hops have answered or kResolvePatience is
  // over; returns when every lcore is quiescent on it.
  void Swap();

 private:
  void Drop();
  [[nodiscard]] std::vector<neighbour::Slot> NewSlots() const;

  SnapshotHolder<Plan>& plans_;
  Neighbours& neighbours_;
  const Clock& clock_;
  std::unique_ptr<Plan> next_;
};

}  // namespace joinery::dpdk
