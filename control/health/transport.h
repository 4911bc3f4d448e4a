// How a check is made: the seam between the prober, which decides when, and the wire. Tests have a
// transport of their own.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/expected.h"
#include "base/ids.h"
#include "base/ip_address.h"
#include "control/health/check.h"
#include "control/health/target.h"

namespace boost::asio {
class io_context;
}

namespace joinery::health {

// What a token says about the backend that is checked.
enum class TokenOwner : uint8_t {
  kSelf,
  kNobody,  // the reserved codepoint: no scheme, or no key ready
  kOther,   // another ID, or a generation that is not live
  kUnread,  // whoever asks has no scheme: that there is a token is all that counts
};

class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  // From now on these are checked; a check of an earlier one may still be under way. Refuses, and
  // changes nothing, when it can not reach them all.
  [[nodiscard]] virtual Expected<void> Adopt(const std::vector<Target>& targets) = 0;

  // One check of the target of this number in the list, which ends within its timeout. `owner` is
  // for the check `mptcp`.
  [[nodiscard]] virtual boost::asio::awaitable<Outcome> Run(
      size_t number, Target target, std::function<TokenOwner(Token)> owner) = 0;
};

struct Prefixes {
  std::string device = "joinery-check";  // TUN; see tunnel_device.h
  std::vector<IpPrefix> sources;         // routed to this host; see source_addresses.h
};

// Makes a transport whose checks run in `io`, which outlives it.
using OpenTransport = std::function<Expected<std::unique_ptr<Transport>>(
    boost::asio::io_context& io, const Prefixes& prefixes)>;

}  // namespace joinery::health
