#include "control/daemon/audit_log.h"

#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "api/json_writer.h"

namespace joinery::control {
namespace {

tl::unexpected<Error> FailWith(const std::string& path, std::string_view what) {
  return Fail(
      fmt::format("audit log \"{}\" {}: {}", path, what, std::generic_category().message(errno)));
}

}  // namespace

Expected<AuditLog> AuditLog::Open(const std::string& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return FailWith(path, "cannot be opened");
  return AuditLog(path, fd);
}

AuditLog::AuditLog(AuditLog&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

AuditLog::~AuditLog() {
  if (fd_ >= 0) close(fd_);
}

Expected<void> AuditLog::Add(std::string_view time, const AuditEntry& entry) {
  api::JsonWriter out;
  out.BeginObject().Member("time").String(time).Member("who").String(entry.who);
  out.Member("what").String(entry.what).Member("detail").String(entry.detail);
  out.Member("result").String(entry.result).EndObject();
  const std::string line = out.Take() + "\n";
  // One write: lines of O_APPEND never mix.
  const ssize_t put = write(fd_, line.data(), line.size());
  if (put != static_cast<ssize_t>(line.size())) return FailWith(path_, "cannot be written");
  return {};
}

}  // namespace joinery::control
