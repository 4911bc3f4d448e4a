#include "lb/follow/last_good.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include <sys/file.h>
#include <sys/stat.h>

#include "api/digest.h"
#include "api/position_text.h"
#include "base/hex.h"
#include "settings/read_file.h"

namespace joinery::follow {
namespace {

constexpr std::string_view kMagic = "joinery-view 1";  // with the format's number
constexpr size_t kMaxBytes = size_t{64} << 20;         // as the watch that brings them
constexpr mode_t kOwnerFile = 0600;
constexpr mode_t kOwnerFolder = 0700;
constexpr mode_t kOthers = 0077;

std::string_view FileName(Kind kind) { return kind == Kind::kScheme ? "scheme.view" : "load.view"; }

tl::unexpected<Error> FailAt(const std::string& path) {
  return Fail(fmt::format("{}: {}", path, std::strerror(errno)));
}

class File {
 public:
  File(const std::string& path, int flags, mode_t mode)
      : descriptor_(open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }
  [[nodiscard]] bool Write(std::string_view bytes) const noexcept {
    while (!bytes.empty()) {
      const ssize_t n = write(descriptor_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return false;
      bytes.remove_prefix(static_cast<size_t>(n));
    }
    return true;
  }
  [[nodiscard]] bool Sync() const noexcept { return fsync(descriptor_) == 0; }

 private:
  int descriptor_;
};

std::string Head(const api::Stamp& stamp) {
  return fmt::format("{} {} sha256 {}\n", kMagic, api::ToString(stamp.at), ToHex(stamp.digest));
}

Expected<StoredPart> Parse(const std::string& text) {
  const size_t end = text.find('\n');
  const std::string_view head = std::string_view(text).substr(0, end);
  if (end == std::string::npos || !head.starts_with(kMagic)) {
    return Fail(fmt::format("does not begin with \"{}\"; it is no view of this version", kMagic));
  }
  StoredPart part;
  part.bytes = text.substr(end + 1);
  part.stamp.digest = api::DigestOf(part.bytes);
  const std::string_view rest = head.substr(std::min(head.size(), kMagic.size() + 1));
  const auto at = api::ParsePosition(rest.substr(0, rest.find(' ')));
  if (!at) return Fail("has no position in its first line");
  part.stamp.at = *at;
  if (Head(part.stamp) != text.substr(0, end + 1)) {
    return Fail("is not what was written: its SHA-256 is another");
  }
  return part;
}

}  // namespace

Expected<LastGood> LastGood::Open(const std::string& directory) {
  std::error_code error;
  const auto parent = std::filesystem::path(directory).parent_path();
  std::filesystem::create_directories(parent, error);
  if (mkdir(directory.c_str(), kOwnerFolder) != 0 && errno != EEXIST) return FailAt(directory);
  struct stat status {};
  if (stat(directory.c_str(), &status) != 0) return FailAt(directory);
  if (!S_ISDIR(status.st_mode)) return Fail(directory + ": is no folder");
  if ((status.st_mode & kOthers) != 0) {
    return Fail(
        fmt::format("{}: others have access to it (mode {:04o}); mend it with: chmod 700 {}",
                    directory, status.st_mode & 07777U, directory));
  }
  const std::string path = directory + "/lock";
  const int lock = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerFile);
  if (lock < 0) return FailAt(path);
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    close(lock);
    return Fail(directory + ": belongs to a running balancer");
  }
  return LastGood(directory, lock);
}

LastGood::LastGood(LastGood&& other) noexcept
    : directory_(std::move(other.directory_)), lock_(std::exchange(other.lock_, -1)) {}

LastGood::~LastGood() {
  if (lock_ >= 0) close(lock_);
}

Expected<void> LastGood::GiveTo(uid_t uid, gid_t gid) const {
  for (const std::string_view name :
       {std::string_view(), std::string_view("/lock"), std::string_view("/scheme.view"),
        std::string_view("/load.view")}) {
    const std::string path = directory_ + std::string(name);
    if (chown(path.c_str(), uid, gid) != 0 && errno != ENOENT) return FailAt(path);
  }
  return {};
}

Expected<std::optional<StoredPart>> LastGood::Load(Kind kind) const {
  const std::string path = fmt::format("{}/{}", directory_, FileName(kind));
  if (access(path.c_str(), F_OK) != 0 && errno == ENOENT) return std::nullopt;
  const auto file = settings::ReadFile(path, kMaxBytes);
  if (!file) return Fail(fmt::format("{}: {}", path, file.error().message));
  if ((file->mode & kOthers) != 0) {
    return Fail(fmt::format("{}: others have access to it; it holds keys", path));
  }
  auto part = Parse(file->bytes);
  if (!part) return Fail(fmt::format("{}: {}", path, part.error().message));
  return *std::move(part);
}

Expected<void> LastGood::Store(Kind kind, const api::Stamp& stamp, std::string_view bytes) const {
  const std::string path = fmt::format("{}/{}", directory_, FileName(kind));
  const std::string fresh = path + ".new";
  unlink(fresh.c_str());  // of a process that was killed
  {
    const File file(fresh, O_WRONLY | O_CREAT | O_EXCL, kOwnerFile);
    if (!file.is_open()) return FailAt(fresh);
    if (!file.Write(Head(stamp)) || !file.Write(bytes) || !file.Sync()) return FailAt(fresh);
  }
  if (rename(fresh.c_str(), path.c_str()) != 0) return FailAt(path);
  // The name has to last, too.
  const File folder(directory_, O_RDONLY | O_DIRECTORY, 0);
  if (!folder.is_open() || !folder.Sync()) return FailAt(directory_);
  return {};
}

}  // namespace joinery::follow
