#include "settings/read_file.h"

#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include <sys/stat.h>

namespace joinery::settings {
namespace {

struct Closer {
  int fd;
  explicit Closer(int descriptor) noexcept : fd(descriptor) {}
  Closer(const Closer&) = delete;
  Closer& operator=(const Closer&) = delete;
  ~Closer() { close(fd); }
};

std::string Reason(int error) { return std::generic_category().message(error); }

}  // namespace

Expected<FileBytes> ReadFile(const std::string& path, size_t max_bytes) {
  // O_NONBLOCK: opening a pipe must not wait for its writer.
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return Fail("cannot be opened: " + Reason(errno));
  const Closer closer(fd);
  struct stat status {};
  if (fstat(fd, &status) != 0) return Fail("cannot be examined: " + Reason(errno));
  if (S_ISDIR(status.st_mode)) return Fail("is a directory; expected a file");
  if (!S_ISREG(status.st_mode)) return Fail("is not a regular file");
  // One byte more than allowed shows that a file is too long, also one that grows meanwhile.
  FileBytes file{std::string(max_bytes + 1, '\0'), status.st_mode};
  size_t length = 0;
  while (length < file.bytes.size()) {
    const ssize_t got = read(fd, file.bytes.data() + length, file.bytes.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Fail("cannot be read: " + Reason(errno));
    if (got == 0) break;
    length += static_cast<size_t>(got);
  }
  if (length > max_bytes) return Fail(fmt::format("is longer than {} bytes", max_bytes));
  file.bytes.resize(length);
  return file;
}

}  // namespace joinery::settings
