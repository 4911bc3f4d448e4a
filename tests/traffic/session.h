// The client's side of one connection: every step is blocking, has a deadline, and says what went
// wrong. A session that failed once stays failed (the connection is then called broken).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/expected.h"
#include "tests/traffic/line_protocol.h"
#include "tests/traffic/mptcp_socket.h"

namespace joinery::traffic {

enum class JoinResult : uint8_t {
  kJoined,    // as many subflows as wanted are established
  kRefused,   // the kernel tried, and nothing is under way any more
  kTimedOut,  // still under way at the deadline, or never tried
  kNotMptcp,  // fell back to TCP
};

[[nodiscard]] std::string_view ToString(JoinResult result) noexcept;

class Session {
 public:
  // Connects and reads the greeting.
  [[nodiscard]] static Expected<Session> Open(const Endpoint& remote, Transport transport,
                                              Deadline deadline);

  // The backend's name in the greeting.
  [[nodiscard]] const std::string& backend() const noexcept { return backend_; }
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

  [[nodiscard]] Expected<void> Echo(std::string_view text, Deadline deadline);
  // Asks for `bytes` and checks every one of them.
  [[nodiscard]] Expected<void> Fetch(uint64_t bytes, Deadline deadline);
  [[nodiscard]] Expected<ServerInfo> Info(Deadline deadline);

  // Polls the kernel until `subflows` (the first one counted) are established.
  [[nodiscard]] JoinResult WaitForSubflows(uint32_t subflows, Deadline deadline) const;

 private:
  explicit Session(Descriptor fd) : fd_(std::move(fd)) {}
  [[nodiscard]] Expected<void> SendLine(std::string_view line, Deadline deadline);
  [[nodiscard]] Expected<std::string> ReadLine(Deadline deadline);
  // Appends whatever has come to input_.
  [[nodiscard]] Expected<void> Receive(Deadline deadline);

  Descriptor fd_;
  std::string backend_;
  std::string input_;  // received, not yet taken
};

}  // namespace joinery::traffic
