#include "backend/agent/run/logger.h"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace joinery::agent {

std::string JsonText(std::string_view text) {
  return boost::json::serialize(boost::json::value(boost::json::string(text)));
}

Logger::Logger(LogForm form)
    : form_(form),
      logger_(std::make_shared<spdlog::logger>("joinery-agent",
                                               std::make_shared<spdlog::sinks::stderr_sink_mt>())) {
  logger_->set_pattern(form == LogForm::kJson
                           ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","text":%v})"
                           : "%Y-%m-%d %H:%M:%S.%e %l %v",
                       spdlog::pattern_time_type::utc);
  logger_->flush_on(spdlog::level::info);
}

Logger::~Logger() = default;

void Logger::Write(Say::Level level, std::string_view text) {
  const auto as = level == Say::Level::kInfo      ? spdlog::level::info
                  : level == Say::Level::kWarning ? spdlog::level::warn
                                                  : spdlog::level::err;
  logger_->log(as, "{}", form_ == LogForm::kJson ? JsonText(text) : std::string(text));
}

}  // namespace joinery::agent
