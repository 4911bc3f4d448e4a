// What SIGHUP does: reads the configuration file again and forwards by it. Runs on the control
// thread: nothing here makes an lcore wait.
#pragma once

#include <cstdint>
#include <string>

#include "base/expected.h"
#include "lb/dpdk/following.h"
#include "lb/dpdk/plan_switch.h"
#include "settings/config.h"

namespace joinery::dpdk {

class Reloader {
 public:
  // `running` is what the process was started with; `following` is null when the file has pools.
  // All references outlive this object.
  Reloader(std::string path, settings::Config running, PlanSwitch& plans, Following* following)
      : path_(std::move(path)),
        running_(std::move(running)),
        plans_(plans),
        following_(following) {}

  // Returns the new version. A configuration with any error changes nothing, and all of its errors
  // are in the message.
  [[nodiscard]] Expected<uint64_t> Reload();

 private:
  [[nodiscard]] Expected<void> Apply(const settings::Config& config);
  [[nodiscard]] tl::unexpected<Error> Refuse(const std::string& errors) const;

  std::string path_;
  settings::Config running_;
  PlanSwitch& plans_;
  Following* following_;
};

}  // namespace joinery::dpdk
