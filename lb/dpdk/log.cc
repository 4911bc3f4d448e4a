#include "lb/dpdk/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "api/log/json_string.h"

namespace joinery::dpdk {
namespace {

constexpr const char* kName = "joinery-lb";
constexpr const char* kText = "%n: %v";

template <typename Sink>
std::shared_ptr<spdlog::logger> Make(settings::Log form) {
  auto logger = std::make_shared<spdlog::logger>(kName, std::make_shared<Sink>());
  logger->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      form == settings::Log::kJson ? api::kJsonLine : kText, spdlog::pattern_time_type::utc));
  logger->flush_on(spdlog::level::info);
  return logger;
}

}  // namespace

Log::Log(settings::Log form)
    : form_(form),
      out_(Make<spdlog::sinks::stdout_sink_mt>(form)),
      trouble_(form == settings::Log::kJson ? out_ : Make<spdlog::sinks::stderr_sink_mt>(form)) {}

Log::~Log() = default;

void Log::Say(const std::string& text) {
  out_->info(form_ == settings::Log::kJson ? api::JsonString(text) : text);
}

void Log::Trouble(const std::string& text) {
  trouble_->error(form_ == settings::Log::kJson ? api::JsonString(text) : text);
}

}  // namespace joinery::dpdk
