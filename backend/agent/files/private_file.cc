#include "backend/agent/files/private_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

#include <fmt/format.h>

#include <sys/stat.h>

#include "base/descriptor.h"
#include "base/durable_file.h"

namespace joinery::agent {
namespace {

constexpr mode_t kFolderMode = 0700;
constexpr mode_t kOthers = 0077;

tl::unexpected<Error> Say(const std::string& path) {
  return Fail(fmt::format("{}: {}", path, std::strerror(errno)));
}

}  // namespace

Expected<void> WritePrivate(const std::string& path, std::string_view content) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  if (mkdir(folder.c_str(), kFolderMode) != 0 && errno != EEXIST) return Say(folder);
  return WriteDurably(path, {content});
}

Expected<std::optional<std::string>> ReadPrivate(const std::string& path, size_t max_bytes) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW));
  if (!file.valid() && errno == ENOENT) return std::optional<std::string>();
  struct stat status {};
  if (!file.valid() || fstat(file.get(), &status) != 0) return Say(path);
  if (!S_ISREG(status.st_mode)) return Fail(fmt::format("{}: not a regular file", path));
  if ((status.st_mode & kOthers) != 0) {
    return Fail(fmt::format("{}: others have access to it; chmod 600", path));
  }
  std::string content(max_bytes + 1, '\0');
  size_t size = 0;
  while (size < content.size()) {
    const ssize_t got = read(file.get(), content.data() + size, content.size() - size);
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
