// The daemon's log (api/log/logger.h) in the words of the model.
#pragma once

#include <string>

#include "api/log/logger.h"
#include "control/model/actions.h"
#include "settings/control_config.h"

namespace joinery::control {

class Logger {
 public:
  Logger(const std::string& name, settings::LogLevel level, settings::LogFormat format);

  void Write(const LogEntry& entry);

  // Entries so far, by Severity.
  [[nodiscard]] const api::Logger::Counts& counts() const noexcept { return log_.counts(); }

 private:
  api::Logger log_;
};

}  // namespace joinery::control
