// Tells systemd how a program is (sd_notify(3)): one datagram to the socket in $NOTIFY_SOCKET.
// Without it nothing is sent.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace joinery {

class Notify {
 public:
  // From the environment: NOTIFY_SOCKET, WATCHDOG_USEC.
  [[nodiscard]] static Notify FromEnvironment();
  Notify(std::string socket, std::optional<Nanoseconds> watchdog)
      : socket_(std::move(socket)), watchdog_(watchdog) {}

  // "READY=1", "WATCHDOG=1", "STOPPING=1". Failures are nobody's business.
  void Send(std::string_view state) const;
  // How often WATCHDOG=1 is due; nothing: never.
  [[nodiscard]] std::optional<Nanoseconds> watchdog() const noexcept { return watchdog_; }

 private:
  std::string socket_;
  std::optional<Nanoseconds> watchdog_;
};

}  // namespace joinery
