// The operator's side of control, over the admin socket (docs/operations.md lists the requests).
// Whatever changes something is in the audit log before it is answered.
#pragma once

#include <functional>
#include <string>

#include "api/net/server.h"
#include "control/daemon/audit_log.h"
#include "control/daemon/config_plan.h"
#include "control/daemon/driver.h"
#include "control/daemon/health_checks.h"
#include "settings/control_config.h"

namespace joinery::control {

class Admin {
 public:
  struct Parts {
    Driver* driver = nullptr;
    AuditLog* audit = nullptr;
    HealthChecks* health = nullptr;
    std::string config_path;
    std::function<void(const LogEntry&)> log;
  };

  Admin(Parts parts, settings::ControlConfig running);
  Admin(const Admin&) = delete;
  Admin& operator=(const Admin&) = delete;

  // The admin outlives the server's handlers.
  void AddRoutes(api::Server& server);

  // Reads the file again and applies it: `joinctl config apply`, SIGHUP and the start are this one
  // path. The answer is what was changed, or why nothing was.
  using Applied = std::function<void(api::Response)>;
  void ApplyConfig(const std::string& who, bool force, Applied done = {});

 private:
  void GetStatus(api::Responder to);
  void Run(const api::Request& request, api::Responder to);
  void Apply(const api::Request& request, api::Responder to);
  void Diff(const api::Request& request, api::Responder to);
  [[nodiscard]] ConfigPlan Plan(const settings::ControlConfig& wanted, bool force) const;
  void DecodeToken(const api::Request& request, api::Responder to);
  void Audit(const std::string& who, std::string_view what, std::string_view detail,
             const Actions& actions);
  void Audit(const AuditEntry& entry);

  Parts parts_;
  settings::ControlConfig running_;  // as of the start
};

}  // namespace joinery::control
