#include "api/net/unix_listener.h"

#include <cerrno>
#include <cstring>
#include <grp.h>
#include <system_error>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace joinery::api {
namespace {

constexpr int kBacklog = 4096;

struct Closer {
  int fd;
  explicit Closer(int descriptor) noexcept : fd(descriptor) {}
  Closer(const Closer&) = delete;
  Closer& operator=(const Closer&) = delete;
  ~Closer() {
    if (fd >= 0) close(fd);
  }
  int Release() noexcept { return std::exchange(fd, -1); }
};

tl::unexpected<Error> FailAt(const std::string& path, std::string_view what) {
  return Fail(fmt::format("{}: {}: {}", path, what, std::generic_category().message(errno)));
}

// Nobody listens any more on what a killed process left behind.
Expected<void> RemoveStale(const std::string& path, const sockaddr_un& address) {
  struct stat is {};
  if (lstat(path.c_str(), &is) != 0) return {};
  if (!S_ISSOCK(is.st_mode)) return Fail(fmt::format("{}: exists and is no socket", path));
  const Closer probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const auto* name = reinterpret_cast<const sockaddr*>(&address);
  if (connect(probe.fd, name, sizeof address) == 0 || errno == EAGAIN) {
    return Fail(fmt::format("{}: another process listens there", path));
  }
  if (unlink(path.c_str()) != 0) return FailAt(path, "cannot be replaced");
  return {};
}

Expected<void> SetGroup(const std::string& path, const std::string& group) {
  if (group.empty()) return {};
  std::vector<char> buffer(65'536);
  struct group entry {};
  struct group* found = nullptr;
  getgrnam_r(group.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) return Fail(fmt::format("{}: no group {}", path, group));
  constexpr auto kKeepUser = static_cast<uid_t>(-1);
  if (chown(path.c_str(), kKeepUser, entry.gr_gid) != 0) return FailAt(path, "chown");
  return {};
}

}  // namespace

Expected<int> ListenOnPath(const UnixListener& listener) {
  const std::string& path = listener.path;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return Fail(fmt::format("{}: {} bytes; a socket's path has 1..{}", path, path.size(),
                            sizeof address.sun_path - 1));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  if (const auto removed = RemoveStale(path, address); !removed) return unexpected(removed.error());

  Closer descriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (descriptor.fd < 0) return FailAt(path, "socket");
  // Nobody but us may connect before mode and group are as they should be.
  const mode_t before = umask(0177);
  const int bound =
      bind(descriptor.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  umask(before);
  if (bound != 0) return FailAt(path, "bind");
  if (const auto set = SetGroup(path, listener.group); !set) return unexpected(set.error());
  if (chmod(path.c_str(), listener.mode) != 0) return FailAt(path, "chmod");
  if (listen(descriptor.fd, kBacklog) != 0) return FailAt(path, "listen");
  return descriptor.Release();
}

}  // namespace joinery::api
