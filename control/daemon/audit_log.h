// Who asked for what, and what came of it: one JSON object a line, appended to a private file.
#pragma once

#include <string>
#include <string_view>

#include "base/expected.h"

namespace joinery::control {

struct AuditEntry {
  std::string who;     // "uid 1000", "SIGHUP", "start"
  std::string what;    // "rotate"
  std::string detail;  // the command's arguments as they came
  std::string result;  // "done", or why not
};

class AuditLog {
 public:
  // Creates the file with mode 0600 when there is none.
  [[nodiscard]] static Expected<AuditLog> Open(const std::string& path);
  AuditLog(AuditLog&& other) noexcept;
  AuditLog& operator=(AuditLog&&) = delete;
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;
  ~AuditLog();

  // The line is in the file, though perhaps not yet durable.
  [[nodiscard]] Expected<void> Add(std::string_view time, const AuditEntry& entry);

 private:
  AuditLog(std::string path, int fd) noexcept : path_(std::move(path)), fd_(fd) {}
  std::string path_;
  int fd_;
};

}  // namespace joinery::control
