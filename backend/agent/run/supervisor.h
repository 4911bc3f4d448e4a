// The service manager, if there is one, and what it was told (base/notify.h). Without one every
// call does nothing.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/notify.h"

namespace joinery::agent {

class Supervisor {
 public:
  void Ready(const std::string& status);
  void Status(const std::string& status);  // sent when it is another than before
  void Alive();                            // WATCHDOG=1
  void Stopping();
  // How often it wants to hear Alive(): half of WatchdogSec; none: never.
  [[nodiscard]] std::optional<Nanoseconds> AlivePeriod() const { return notify_.watchdog(); }

 private:
  Notify notify_ = Notify::FromEnvironment();
  std::string status_;
};

}  // namespace joinery::agent
