// joinery-control put together: its parts, its sockets, its signals. SIGHUP applies the
// configuration, SIGTERM and SIGINT end it; balancers and agents then go on with what they have.
#pragma once

#include <memory>
#include <string>

#include "base/expected.h"
#include "control/health/transport.h"

namespace joinery::control {

class Daemon {
 public:
  struct Options {
    std::string config_path;
    bool accept_older_state = false;
    health::OpenTransport transport{};  // how checks are made; empty: on the wire
  };

  // Everything is open and listening, nothing runs yet.
  [[nodiscard]] static Expected<std::unique_ptr<Daemon>> Create(const Options& options);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // Until a signal; an error says why it had to end.
  [[nodiscard]] Expected<void> Run();
  // From any thread: Run returns.
  void Stop() noexcept;

  struct Parts;

 private:
  explicit Daemon(std::unique_ptr<Parts> parts) noexcept;
  std::unique_ptr<Parts> parts_;
};

}  // namespace joinery::control
