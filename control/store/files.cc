#include "control/store/files.h"

#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include <sys/stat.h>

#include "base/descriptor.h"
#include "base/durable_file.h"

namespace joinery::control {
namespace {

constexpr mode_t kOthers = S_IRWXG | S_IRWXO;

tl::unexpected<Error> FailWith(std::string_view what, int error) {
  return Fail(fmt::format("{}: {}", what, std::generic_category().message(error)));
}

Expected<void> CheckPrivate(const struct stat& status) {
  if (!S_ISREG(status.st_mode)) return Fail("is not a regular file");
  if (status.st_uid != geteuid()) {
    return Fail(fmt::format("belongs to user {}; expected {}, whom this program runs as",
                            status.st_uid, geteuid()));
  }
  if ((status.st_mode & kOthers) != 0) {
    return Fail(fmt::format("has mode {:04o}, so others may use it; mend: chmod 600",
                            status.st_mode & 07777));
  }
  if (static_cast<uint64_t>(status.st_size) > kMaxStateBytes) {
    return Fail(fmt::format("is longer than {} bytes", kMaxStateBytes));
  }
  return {};
}

}  // namespace

Expected<std::optional<std::string>> SystemFiles::Read(const std::string& path) {
  const Descriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  if (fd.get() < 0 && errno == ENOENT) return std::nullopt;
  if (fd.get() < 0 && errno == ELOOP) return Fail("is a symbolic link; expected the file itself");
  if (fd.get() < 0) return FailWith("cannot be opened", errno);
  struct stat status {};
  if (fstat(fd.get(), &status) != 0) return FailWith("cannot be examined", errno);
  if (const auto ok = CheckPrivate(status); !ok) return unexpected(ok.error());
  std::string bytes(static_cast<size_t>(status.st_size), '\0');
  size_t length = 0;
  while (length < bytes.size()) {
    const ssize_t got = read(fd.get(), bytes.data() + length, bytes.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FailWith("cannot be read", errno);
    if (got == 0) break;
    length += static_cast<size_t>(got);
  }
  bytes.resize(length);
  return bytes;
}

Expected<void> SystemFiles::Write(const std::string& path, const std::string& bytes) {
  return WriteAnew(path, bytes);
}

Expected<void> SystemFiles::Sync(const std::string& path) { return SyncFile(path); }

Expected<void> SystemFiles::Rename(const std::string& from, const std::string& to) {
  return RenameOver(from, to);
}

Expected<void> SystemFiles::SyncFolder(const std::string& path) { return SyncFolderOf(path); }

}  // namespace joinery::control
