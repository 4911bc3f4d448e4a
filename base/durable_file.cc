#include "base/durable_file.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <system_error>
#include <unistd.h>

#include <sys/stat.h>

#include "base/descriptor.h"

namespace joinery {
namespace {

// Why the last call failed.
tl::unexpected<Error> FailAs(std::string_view what) {
  return Fail(std::string(what) + ": " + std::generic_category().message(errno));
}

Expected<void> At(const std::string& path, const Expected<void>& done) {
  if (!done) return Fail(path + ": " + done.error().message);
  return {};
}

enum class Durable : bool { kNo, kYes };

// Syncs by the descriptor that wrote: another one might not be told of an error in between.
Expected<void> Create(const std::string& path, std::initializer_list<std::string_view> pieces,
                      Durable durable) {
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return FailAs("cannot be replaced");
  const Descriptor fd(
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
  if (fd.get() < 0) return FailAs("cannot be created");
  for (const std::string_view piece : pieces) {
    if (!WriteAll(fd.get(), piece)) return FailAs("cannot be written");
  }
  if (durable == Durable::kYes && fsync(fd.get()) != 0) return FailAs("cannot be made durable");
  return {};
}

Expected<void> SyncPath(const std::string& path, int flags) {
  const Descriptor fd(open(path.c_str(), flags | O_CLOEXEC));
  if (fd.get() < 0) return FailAs("cannot be opened");
  if (fsync(fd.get()) != 0) return FailAs("cannot be made durable");
  return {};
}

std::string FolderOf(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

}  // namespace

Expected<void> WriteDurably(const std::string& path,
                            std::initializer_list<std::string_view> pieces) {
  const std::string fresh = path + ".new";
  if (auto done = At(fresh, Create(fresh, pieces, Durable::kYes)); !done) return done;
  if (auto done = At(path, RenameOver(fresh, path)); !done) return done;
  return At(FolderOf(path), SyncFolderOf(path));
}

Expected<void> WriteAnew(const std::string& path, std::string_view bytes) {
  return Create(path, {bytes}, Durable::kNo);
}

Expected<void> SyncFile(const std::string& path) { return SyncPath(path, O_RDONLY); }

Expected<void> RenameOver(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) return FailAs("cannot be renamed");
  return {};
}

Expected<void> SyncFolderOf(const std::string& path) {
  return SyncPath(FolderOf(path), O_RDONLY | O_DIRECTORY);
}

bool WriteAll(int fd, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace joinery
