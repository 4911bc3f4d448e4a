// Sends IP packets to a backend as a balancer would: on the link to its MAC address, or in the
// outer headers that lb/forward writes. Needs CAP_NET_RAW. Not thread-safe; never blocks.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>

#include "base/expected.h"
#include "control/health/neighbour.h"
#include "control/health/way.h"

namespace joinery::health {

class Carrier {
 public:
  // Opens the raw sockets; the error says which right is missing.
  [[nodiscard]] static Expected<std::unique_ptr<Carrier>> Open();
  Carrier(const Carrier&) = delete;
  Carrier& operator=(const Carrier&) = delete;
  ~Carrier();

  // Whether Send could send now. For l2 false until the kernel knows the link address, which this
  // makes it ask for: call again a little later.
  [[nodiscard]] bool Ready(const Way& way);

  // `packet` is a whole IPv4 or IPv6 packet.
  [[nodiscard]] Expected<void> Send(const Way& way, std::span<const uint8_t> packet);

 private:
  struct Sockets {
    int outer4 = -1;
    int outer6 = -1;
    int link = -1;
  };
  explicit Carrier(const Sockets& sockets) : sockets_(sockets) {}

  [[nodiscard]] Expected<void> SendOnLink(const Way& way, std::span<const uint8_t> packet);
  [[nodiscard]] Expected<void> SendInTunnel(const Way& way, std::span<const uint8_t> packet);

  Sockets sockets_;
  std::map<IpAddress, Neighbour> neighbours_;  // of l2 backends, as of the last Ready
};

}  // namespace joinery::health
