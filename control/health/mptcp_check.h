// The check `mptcp`: sends a SYN with MP_CAPABLE the way that client traffic goes and waits for the
// SYN/ACK. It tells a server that answers with tokens of its own ID from one whose module is
// missing, has an old key, or is another backend's.
#pragma once

#include <functional>
#include <memory>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "base/clock.h"
#include "base/expected.h"
#include "base/random.h"
#include "control/health/carrier.h"
#include "control/health/check.h"
#include "control/health/transport.h"
#include "control/health/way.h"

namespace joinery::health {

class MptcpChecker {
 public:
  // Opens raw sockets that see TCP segments to this host. `carrier` and `random` outlive it.
  [[nodiscard]] static Expected<std::unique_ptr<MptcpChecker>> Open(boost::asio::io_context& io,
                                                                    Carrier& carrier,
                                                                    Random& random);
  MptcpChecker(const MptcpChecker&) = delete;
  MptcpChecker& operator=(const MptcpChecker&) = delete;
  ~MptcpChecker();

  // Ends within `timeout`. The SYN is sent once a second until then, as a client does.
  [[nodiscard]] boost::asio::awaitable<Outcome> Run(Way way, Endpoints endpoints,
                                                    std::function<TokenOwner(Token)> owner,
                                                    Nanoseconds timeout);

 private:
  struct State;
  explicit MptcpChecker(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace joinery::health
