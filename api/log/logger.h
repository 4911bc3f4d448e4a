// What control and the agents say while they run, on standard error (the journal), by spdlog: lines
// for people, or one JSON object a line (json_string.h). Never a key, never a token.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "settings/config.h"

namespace joinery::api {

enum class LogLevel : uint8_t { kInfo, kWarning, kError };

class Logger {
 public:
  // `program` is what JSON lines call it. Nothing below `least` is written.
  Logger(const std::string& program, settings::Log form, LogLevel least = LogLevel::kInfo);
  ~Logger();
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  void Info(std::string_view text) { Write(LogLevel::kInfo, text); }
  void Warn(std::string_view text) { Write(LogLevel::kWarning, text); }
  void Error(std::string_view text) { Write(LogLevel::kError, text); }
  void Write(LogLevel level, std::string_view text);

  // How much was to be said, by level; what is below `least` counts too.
  using Counts = std::array<uint64_t, 3>;
  [[nodiscard]] const Counts& counts() const noexcept { return counts_; }

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  Counts counts_{};
};

// "info", "warning", "error".
[[nodiscard]] std::string_view Name(LogLevel level) noexcept;

}  // namespace joinery::api
