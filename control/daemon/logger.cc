#include "control/daemon/logger.h"

namespace joinery::control {
namespace {

api::LogLevel LevelOf(settings::LogLevel level) {
  switch (level) {
    case settings::LogLevel::kDebug:
    case settings::LogLevel::kInfo:
      return api::LogLevel::kInfo;
    case settings::LogLevel::kWarning:
      return api::LogLevel::kWarning;
    case settings::LogLevel::kError:
      break;
  }
  return api::LogLevel::kError;
}

api::LogLevel LevelOf(Severity severity) {
  switch (severity) {
    case Severity::kInfo:
      return api::LogLevel::kInfo;
    case Severity::kWarning:
      return api::LogLevel::kWarning;
    case Severity::kAlarm:
      break;
  }
  return api::LogLevel::kError;
}

}  // namespace

Logger::Logger(const std::string& name, settings::LogLevel level, settings::LogFormat format)
    : log_(name, format == settings::LogFormat::kJson ? settings::Log::kJson : settings::Log::kText,
           LevelOf(level)) {}

void Logger::Write(const LogEntry& entry) { log_.Write(LevelOf(entry.severity), entry.text); }

}  // namespace joinery::control
