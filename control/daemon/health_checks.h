// Runs the checks of the backends that the model has and tells it what they find. A backend is up
// while it answers at all VIPs that it is asked at; what that means for placement is the model's
// (control/model/health.h). Lives in the loop; not thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/net/loop.h"
#include "base/clock.h"
#include "base/expected.h"
#include "base/random.h"
#include "control/daemon/backend_health.h"
#include "control/daemon/health_targets.h"
#include "control/health/prober.h"
#include "control/health/transport.h"
#include "control/model/event.h"
#include "control/model/model.h"
#include "settings/control_config.h"

namespace joinery::control {

class HealthChecks {
 public:
  // All of them outlive it.
  struct Parts {
    api::Loop* loop = nullptr;
    const Clock* clock = nullptr;
    Random* random = nullptr;
    std::function<const Model&()> model;
    std::function<void(const HealthChanged&)> submit;
    std::function<void(const LogEntry&)> log;
  };

  explicit HealthChecks(Parts parts);
  HealthChecks(const HealthChecks&) = delete;
  HealthChecks& operator=(const HealthChecks&) = delete;

  // Once, before the rest: makes checks possible. Without it nothing is checked.
  [[nodiscard]] Expected<void> Open(const health::OpenTransport& open,
                                    const settings::ControlHealth& from);

  // This configuration is in force. What is known of backends that it checks as before stays.
  void Configure(settings::ControlConfig config);

  // By which it checks.
  [[nodiscard]] const settings::ControlConfig& config() const noexcept { return config_; }

  // The model may have other backends than it had.
  void Follow();

  // Of each backend that is checked.
  [[nodiscard]] HealthByBackend Read() const;

 private:
  // What the checks of one backend say together.
  struct Verdict {
    std::map<std::string, health::State> states;  // by target
    health::State state = health::State::kUnknown;
    Instant since{};
  };

  void Adopt(std::vector<CheckedBackend> wanted);
  void Changed(const health::Target& target, health::State state, const std::string& detail);
  [[nodiscard]] health::TokenOwner OwnerOfAnswer(const health::Target& target, Token token) const;
  void Judge(const BackendRef& who, Verdict& verdict, const std::string& why);
  void ForgetUnchecked();

  Parts parts_;
  settings::ControlConfig config_;
  std::vector<CheckedBackend> wanted_;           // what Follow asked for last
  std::map<std::string, BackendRef> by_target_;  // of what is checked
  std::map<BackendRef, Verdict> verdicts_;
  std::unique_ptr<health::Prober> prober_;
};

}  // namespace joinery::control
