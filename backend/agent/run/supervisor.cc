#include "backend/agent/run/supervisor.h"

namespace joinery::agent {

void Supervisor::Ready(const std::string& status) {
  status_ = status;
  notify_.Send("READY=1\nSTATUS=" + status);
}

void Supervisor::Status(const std::string& status) {
  if (status == status_) return;
  status_ = status;
  notify_.Send("STATUS=" + status);
}

void Supervisor::Alive() { notify_.Send("WATCHDOG=1"); }

void Supervisor::Stopping() { notify_.Send("STOPPING=1"); }

}  // namespace joinery::agent
