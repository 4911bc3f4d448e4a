// From a configuration file to what the lcores forward by, at start and on SIGHUP. Runs on the
// control thread: nothing here makes an lcore wait.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/expected.h"
#include "lb/dpdk/neighbours.h"
#include "lb/dpdk/plan.h"
#include "lb/dpdk/snapshot_holder.h"
#include "settings/config.h"

namespace joinery::dpdk {

// How long a new plan waits for its next hops to answer before packets are sent to them; who has
// not answered by then is down.
inline constexpr std::chrono::milliseconds kResolvePatience{1000};

// The plan of a configuration. `previous` keeps counters and limits in place across a reload.
[[nodiscard]] Expected<std::unique_ptr<Plan>> MakePlan(const settings::Config& config,
                                                       uint64_t version,
                                                       const steer::Snapshot* previous,
                                                       Neighbours& neighbours, const Clock& clock);

class Reloader {
 public:
  // `running` is what the process was started with. All references outlive this object.
  Reloader(std::string path, settings::Balancer running, SnapshotHolder<Plan>& plans,
           Neighbours& neighbours, const Clock& clock)
      : path_(std::move(path)),
        running_(std::move(running)),
        plans_(plans),
        neighbours_(neighbours),
        clock_(clock) {}

  // Reads the file again and forwards by it; returns the new version. A configuration with any
  // error changes nothing, and all of its errors are in the message.
  [[nodiscard]] Expected<uint64_t> Reload();

 private:
  [[nodiscard]] tl::unexpected<Error> Refuse(const std::string& errors) const;

  std::string path_;
  settings::Balancer running_;
  SnapshotHolder<Plan>& plans_;
  Neighbours& neighbours_;
  const Clock& clock_;
};

}  // namespace joinery::dpdk
