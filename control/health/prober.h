// Runs the checks of all backends, each at its own time, and says which backends came up or went
// down. One for a daemon; lives on its io_context's thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/expected.h"
#include "base/ids.h"
#include "base/ip_address.h"
#include "base/random.h"
#include "control/health/check.h"
#include "control/health/mptcp_check.h"
#include "control/health/policy.h"
#include "control/health/tracker.h"
#include "control/health/way.h"

namespace boost::asio {
class io_context;
}

namespace joinery::health {

// One backend to check.
struct Target {
  std::string name;  // "pool/backend": what it is known by over reloads
  Way way;
  IpAddress vip;
  Port port;
  Check check;
  Policy policy;
};

struct Status {
  std::string name;
  State state = State::kUnknown;
  std::string detail;  // of the last check
  uint64_t checks = 0;
  uint64_t failures = 0;
};

struct Prefixes {
  std::string device = "joinery-check";  // TUN; see tunnel_device.h
  std::vector<IpPrefix> sources;         // routed to this host; see source_addresses.h
};

class Prober {
 public:
  struct Callbacks {
    std::function<void(const Target&, State, const std::string& detail)> changed;
    std::function<TokenOwner(const Target&, Token)> owner;  // for the check `mptcp`
  };

  // `clock` and `random` outlive it.
  [[nodiscard]] static Expected<std::unique_ptr<Prober>> Open(boost::asio::io_context& io,
                                                              const Prefixes& prefixes,
                                                              const Clock& clock, Random& random,
                                                              Callbacks callbacks);
  Prober(const Prober&) = delete;
  Prober& operator=(const Prober&) = delete;
  ~Prober();

  // From now on checks these. Those that were checked before under the same name keep their state.
  // Refuses, and changes nothing, when the source prefixes have too little room or lack a family.
  [[nodiscard]] Expected<void> Adopt(std::vector<Target> targets);

  [[nodiscard]] std::vector<Status> Read() const;

 private:
  struct Shared;
  explicit Prober(std::shared_ptr<Shared> shared);
  std::shared_ptr<Shared> shared_;
};

}  // namespace joinery::health
