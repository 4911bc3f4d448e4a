#include "control/store/file_store.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include <sys/file.h>

#include "control/store/sealed.h"

namespace joinery::control {
namespace {

std::string MarkPath(const std::string& path) { return path + ".mark"; }
std::string TemporaryPath(const std::string& path) { return path + ".new"; }

constexpr const char* kMarkFormat = "epoch=%lu sequence=%lu";

}  // namespace

FileStore::FileStore(Options options, Files& files, Random& random)
    : options_(std::move(options)), files_(&files), random_(&random) {}

Expected<std::optional<StateImage>> FileStore::Load() {
  const auto fail = [this](const std::string& why) {
    return Fail(fmt::format("state file \"{}\" {}", options_.path, why));
  };
  const auto read = files_->Read(options_.path);
  if (!read) return fail(read.error().message);
  const Mark mark = ReadMark();
  const std::optional<std::string>& bytes = *read;
  if (!bytes) {
    if (mark.sequence == 0) return std::nullopt;
    return fail(
        fmt::format("is gone, although sequence {} was stored; restore it, or remove "
                    "\"{}\" too to start anew",
                    mark.sequence, MarkPath(options_.path)));
  }
  auto image = Unseal(*bytes, options_.key);
  if (!image) return fail(image.error().message);
  if (image->sequence < mark.sequence) {
    if (!options_.accept_older) {
      return fail(
          fmt::format("is older than what was stored last (sequence {}, epoch {}; last "
                      "{}, epoch {}): a backup was restored. If it is to count, start "
                      "once with --accept-older-state",
                      image->sequence, image->epoch, mark.sequence, mark.epoch));
    }
    image->epoch = std::max(image->epoch, mark.epoch);
  }
  sequence_ = std::max(image->sequence, mark.sequence);
  return *std::move(image);
}

Expected<void> FileStore::Save(uint64_t epoch, const std::string& body) {
  const StateImage image{.epoch = epoch, .sequence = sequence_ + 1, .body = body};
  const auto sealed = Seal(image, options_.key, *random_);
  const auto done = sealed ? Replace(options_.path, *sealed, true) : unexpected(sealed.error());
  if (!done) {
    return Fail(fmt::format("state file \"{}\" {}", options_.path, done.error().message));
  }
  sequence_ = image.sequence;
  WriteMark({.epoch = epoch, .sequence = image.sequence});
  return {};
}

Expected<void> FileStore::Replace(const std::string& path, const std::string& bytes, bool durable) {
  const std::string temporary = TemporaryPath(path);
  if (auto done = files_->Write(temporary, bytes); !done) return done;
  if (durable) {
    if (auto done = files_->Sync(temporary); !done) return done;
  }
  if (auto done = files_->Rename(temporary, path); !done) return done;
  return durable ? files_->SyncFolder(path) : Expected<void>{};
}

// A mark that is damaged or gone is no mark: it can only say that something newer was stored.
FileStore::Mark FileStore::ReadMark() {
  const auto bytes = files_->Read(MarkPath(options_.path));
  Mark mark;
  if (!bytes) return mark;
  const std::optional<std::string>& text = *bytes;
  if (!text) return mark;
  Mark read;
  if (std::sscanf(text->c_str(), kMarkFormat, &read.epoch, &read.sequence) == 2) mark = read;
  return mark;
}

// The mark is a help, not a promise: it need not be durable, and a failure changes nothing.
void FileStore::WriteMark(const Mark& mark) {
  static_cast<void>(Replace(MarkPath(options_.path),
                            fmt::format("epoch={} sequence={}\n", mark.epoch, mark.sequence),
                            false));
}

Expected<StateLock> StateLock::Take(const std::string& state_path) {
  const std::string path = state_path + ".lock";
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) {
    return Fail(
        fmt::format("\"{}\" cannot be opened: {}", path, std::generic_category().message(errno)));
  }
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    close(fd);
    return Fail(fmt::format("\"{}\" is locked: another joinery-control uses this state", path));
  }
  return StateLock(fd);
}

StateLock::StateLock(StateLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

StateLock::~StateLock() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace joinery::control
