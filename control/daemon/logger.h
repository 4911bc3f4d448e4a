// The daemon's log on standard error, by spdlog: lines for people, or one JSON object a line.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "control/model/actions.h"
#include "settings/control_config.h"

namespace joinery::control {

class Logger {
 public:
  Logger(const std::string& name, settings::LogLevel level, settings::LogFormat format);
  ~Logger();
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  void Write(const LogEntry& entry);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// One line of the log in JSON, without its end.
[[nodiscard]] std::string LogLineJson(const std::string& time, const std::string& name,
                                      const LogEntry& entry);

}  // namespace joinery::control
