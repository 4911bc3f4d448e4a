#include "backend/agent/run/supervisor.h"

#include <systemd/sd-daemon.h>

namespace joinery::agent {
namespace {

void Notify(const std::string& state) { static_cast<void>(sd_notify(0, state.c_str())); }

}  // namespace

void Supervisor::Ready(const std::string& status) {
  status_ = status;
  Notify("READY=1\nSTATUS=" + status);
}

void Supervisor::Status(const std::string& status) {
  if (status == status_) return;
  status_ = status;
  Notify("STATUS=" + status);
}

void Supervisor::Alive() { Notify("WATCHDOG=1"); }

void Supervisor::Stopping() { Notify("STOPPING=1"); }

std::optional<Nanoseconds> Supervisor::AlivePeriod() const {
  uint64_t microseconds = 0;
  if (sd_watchdog_enabled(0, &microseconds) <= 0) return std::nullopt;
  return std::chrono::microseconds(microseconds / 2);
}

}  // namespace joinery::agent
