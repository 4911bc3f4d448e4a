#include "base/notify.h"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <unistd.h>

#include <sys/socket.h>
#include <sys/un.h>

namespace joinery {

Notify Notify::FromEnvironment() {
  const char* socket = std::getenv("NOTIFY_SOCKET");
  const char* usec = std::getenv("WATCHDOG_USEC");
  std::optional<Nanoseconds> watchdog;
  if (usec != nullptr) {
    uint64_t period = 0;
    const auto parsed = std::from_chars(usec, usec + std::strlen(usec), period);
    // Half of it, as sd_watchdog_enabled(3) recommends.
    if (parsed.ec == std::errc{} && period > 0) watchdog = std::chrono::microseconds(period) / 2;
  }
  return {socket == nullptr ? "" : socket, watchdog};
}

void Notify::Send(std::string_view state) const {
  sockaddr_un to{};
  if (socket_.empty() || socket_.size() >= sizeof to.sun_path) return;
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, socket_.data(), socket_.size());
  if (socket_.front() == '@') to.sun_path[0] = '\0';  // an abstract socket
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  static_cast<void>(sendto(fd, state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                           reinterpret_cast<const sockaddr*>(&to), length));
  close(fd);
}

}  // namespace joinery
