#include "control/daemon/logger.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "api/json_writer.h"
#include "control/daemon/event_ring.h"

namespace joinery::control {
namespace {

spdlog::level::level_enum LevelOf(settings::LogLevel level) {
  switch (level) {
    case settings::LogLevel::kDebug:
      return spdlog::level::debug;
    case settings::LogLevel::kInfo:
      return spdlog::level::info;
    case settings::LogLevel::kWarning:
      return spdlog::level::warn;
    case settings::LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

spdlog::level::level_enum LevelOf(Severity severity) {
  switch (severity) {
    case Severity::kInfo:
      return spdlog::level::info;
    case Severity::kWarning:
      return spdlog::level::warn;
    case Severity::kAlarm:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

struct Logger::Impl {
  std::string name;
  settings::LogFormat format;
  spdlog::logger log;
};

Logger::Logger(const std::string& name, settings::LogLevel level, settings::LogFormat format)
    : impl_(new Impl{
          .name = name,
          .format = format,
          .log = spdlog::logger(name, std::make_shared<spdlog::sinks::stderr_sink_mt>())}) {
  impl_->log.set_level(LevelOf(level));
  impl_->log.set_pattern(format == settings::LogFormat::kJson ? "%v"
                                                              : "%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  impl_->log.flush_on(spdlog::level::debug);
}

Logger::~Logger() = default;

void Logger::Write(const LogEntry& entry) {
  if (impl_->format == settings::LogFormat::kJson) {
    impl_->log.log(LevelOf(entry.severity), "{}", LogLineJson(TimeOfDay(), impl_->name, entry));
  } else {
    impl_->log.log(LevelOf(entry.severity), "{}", entry.text);
  }
}

std::string LogLineJson(const std::string& time, const std::string& name, const LogEntry& entry) {
  api::JsonWriter out;
  out.BeginObject().Member("time").String(time).Member("program").String(name);
  out.Member("severity").String(ToString(entry.severity));
  out.Member("text").String(entry.text).EndObject();
  return out.Take();
}

}  // namespace joinery::control
