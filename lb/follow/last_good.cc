#include "lb/follow/last_good.h"

#include <cerrno>
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
#include "base/durable_file.h"
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

Expected<std::optional<StoredPart>> ReadStored(const std::string& directory, Kind kind) {
  const std::string path = fmt::format("{}/{}", directory, FileName(kind));
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
  return WriteDurably(path, {Head(stamp), bytes});
}

}  // namespace joinery::follow
