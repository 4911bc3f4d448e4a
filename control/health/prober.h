// Runs the checks of all targets, each at its own time, and says which came up or went down. One
// for a daemon; lives on its io_context's thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/expected.h"
#include "base/ids.h"
#include "base/random.h"
#include "control/health/target.h"
#include "control/health/tracker.h"
#include "control/health/transport.h"

namespace boost::asio {
class io_context;
}

namespace joinery::health {

struct Status {
  std::string name;
  State state = State::kUnknown;
  Instant since{};           // of the state
  Nanoseconds held{};        // kDown: for so long still, however well checks go: it has flapped
  std::string detail;        // of the last check
  std::string last_failure;  // of the last check that failed; empty: none has
  uint64_t checks = 0;
  uint64_t failures = 0;
};

class Prober {
 public:
  struct Callbacks {
    std::function<void(const Target&, State, const std::string& detail)> changed;
    std::function<TokenOwner(const Target&, Token)> owner;  // for the check `mptcp`
  };

  // `io`, `clock` and `random` outlive it.
  Prober(boost::asio::io_context& io, const Clock& clock, Random& random,
         std::unique_ptr<Transport> transport, Callbacks callbacks);
  Prober(const Prober&) = delete;
  Prober& operator=(const Prober&) = delete;
  ~Prober();

  // From now on checks these. A target that was checked before under the same name, by the same way
  // and at the same VIP, keeps its state and counts; another check or policy of it counts on from
  // there. Refuses, and changes nothing, when the transport does.
  [[nodiscard]] Expected<void> Adopt(std::vector<Target> targets);

  // In the order of the targets.
  [[nodiscard]] std::vector<Status> Read() const;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace joinery::health
