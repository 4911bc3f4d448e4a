#include "api/log/logger.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "api/log/json_string.h"

namespace joinery::api {
namespace {

constexpr const char* kText = "%Y-%m-%dT%H:%M:%S.%eZ %l %v";

spdlog::level::level_enum LevelOf(LogLevel level) {
  switch (level) {
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

}  // namespace

struct Logger::Impl {
  settings::Log form;
  spdlog::logger log;
};

Logger::Logger(const std::string& program, settings::Log form, LogLevel least)
    : impl_(new Impl{
          .form = form,
          .log = spdlog::logger(program, std::make_shared<spdlog::sinks::stderr_sink_mt>())}) {
  impl_->log.set_level(LevelOf(least));
  impl_->log.set_formatter(std::make_unique<spdlog::pattern_formatter>(
      form == settings::Log::kJson ? kJsonLine : kText, spdlog::pattern_time_type::utc));
  impl_->log.flush_on(spdlog::level::info);
}

Logger::~Logger() = default;

void Logger::Write(LogLevel level, std::string_view text) {
  ++counts_.at(static_cast<size_t>(level));
  if (impl_->form == settings::Log::kJson) {
    impl_->log.log(LevelOf(level), "{}", JsonString(text));
  } else {
    impl_->log.log(LevelOf(level), "{}", text);
  }
}

std::string_view Name(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      break;
  }
  return "error";
}

}  // namespace joinery::api
