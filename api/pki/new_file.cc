#include "api/pki/new_file.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include <sys/stat.h>

#include "base/durable_file.h"

namespace joinery::api {
namespace {

tl::unexpected<Error> FailAt(const std::string& path, std::string_view what) {
  return Fail(fmt::format("{}: {}: {}", path, what, std::generic_category().message(errno)));
}

Expected<void> SyncName(const std::string& path) {
  if (const auto done = SyncFolderOf(path); !done) {
    return Fail(fmt::format("{}: its folder {}", path, done.error().message));
  }
  return {};
}

// A file beside the path, whole and on disk; gives its name.
Expected<std::string> WriteBeside(const std::string& path, std::string_view bytes, mode_t mode) {
  std::string beside = path + ".XXXXXX";
  const int fd = mkostemp(beside.data(), O_CLOEXEC);  // mode 0600
  if (fd < 0) return FailAt(path, "cannot be written");
  const bool done = WriteAll(fd, bytes) && fchmod(fd, mode) == 0 && fsync(fd) == 0;
  const int error = errno;
  close(fd);
  if (done) return beside;
  unlink(beside.c_str());
  errno = error;
  return FailAt(path, "cannot be written");
}

}  // namespace

Expected<void> WriteNewFile(const std::string& path, std::string_view bytes, mode_t mode) {
  const auto beside = WriteBeside(path, bytes, mode);
  if (!beside) return unexpected(beside.error());
  // Unlike rename(2), link(2) replaces nothing.
  const bool linked = link(beside->c_str(), path.c_str()) == 0;
  const int error = errno;
  unlink(beside->c_str());
  errno = error;
  if (!linked && errno == EEXIST) return Fail(fmt::format("{}: exists; it is left alone", path));
  if (!linked) return FailAt(path, "cannot be written");
  return SyncName(path);
}

Expected<void> ReplaceFile(const std::string& path, std::string_view bytes, mode_t mode) {
  const auto beside = WriteBeside(path, bytes, mode);
  if (!beside) return unexpected(beside.error());
  if (rename(beside->c_str(), path.c_str()) != 0) {
    const int error = errno;
    unlink(beside->c_str());
    errno = error;
    return FailAt(path, "cannot be replaced");
  }
  return SyncName(path);
}

}  // namespace joinery::api
