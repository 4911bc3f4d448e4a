// What the agent says while it runs, to stderr (the journal): lines for people, or one JSON object
// a line. Never a key, never a token.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "backend/agent/config/agent_config.h"
#include "backend/agent/core/core.h"

namespace spdlog {
class logger;
}

namespace joinery::agent {

// {"level":"info","time":"...","text":"..."} without its time, which the sink adds: text that is
// hostile stays one string.
[[nodiscard]] std::string JsonText(std::string_view text);

class Logger {
 public:
  explicit Logger(LogForm form);
  ~Logger();

  void Info(std::string_view text) { Write(Say::Level::kInfo, text); }
  void Warn(std::string_view text) { Write(Say::Level::kWarning, text); }
  void Error(std::string_view text) { Write(Say::Level::kError, text); }
  void Write(Say::Level level, std::string_view text);

 private:
  LogForm form_;
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace joinery::agent
