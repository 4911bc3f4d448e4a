#include "backend/agent/files/durable_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

#include <fmt/format.h>

#include <sys/stat.h>

namespace joinery::agent {
namespace {

constexpr mode_t kMode = 0600;
constexpr mode_t kFolderMode = 0700;
constexpr mode_t kOthers = 0077;

class File {
 public:
  File(const std::string& path, int flags)
      : fd_(open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, kMode)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  [[nodiscard]] bool ok() const noexcept { return fd_ >= 0; }
  [[nodiscard]] int fd() const noexcept { return fd_; }

 private:
  int fd_;
};

tl::unexpected<Error> Say(const std::string& path) {
  return Fail(fmt::format("{}: {}", path, std::strerror(errno)));
}

bool WriteAll(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace

Expected<void> WriteDurably(const std::string& path, std::string_view content) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  if (mkdir(folder.c_str(), kFolderMode) != 0 && errno != EEXIST) return Say(folder);
  const std::string next = path + ".new";
  unlink(next.c_str());  // of a crash before
  {
    const File file(next, O_WRONLY | O_CREAT | O_EXCL);
    if (!file.ok() || !WriteAll(file.fd(), content) || fsync(file.fd()) != 0) return Say(next);
  }
  if (std::rename(next.c_str(), path.c_str()) != 0) return Say(path);
  const File directory(folder, O_RDONLY | O_DIRECTORY);
  if (!directory.ok() || fsync(directory.fd()) != 0) return Say(folder);
  return {};
}

Expected<std::optional<std::string>> ReadPrivate(const std::string& path, size_t max_bytes) {
  const File file(path, O_RDONLY | O_NONBLOCK);
  if (!file.ok() && errno == ENOENT) return std::optional<std::string>();
  struct stat status {};
  if (!file.ok() || fstat(file.fd(), &status) != 0) return Say(path);
  if (!S_ISREG(status.st_mode)) return Fail(fmt::format("{}: not a regular file", path));
  if ((status.st_mode & kOthers) != 0) {
    return Fail(fmt::format("{}: others have access to it; chmod 600", path));
  }
  std::string content(max_bytes + 1, '\0');
  size_t size = 0;
  while (size < content.size()) {
    const ssize_t got = read(file.fd(), content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Say(path);
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  if (size > max_bytes) return Fail(fmt::format("{}: longer than {} bytes", path, max_bytes));
  content.resize(size);
  return std::optional(std::move(content));
}

}  // namespace joinery::agent
