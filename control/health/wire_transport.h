// The transport of checks that go the way of client traffic: the kernel's sockets send from one
// source address for each target, a TUN device takes their packets, and the carrier brings them to
// the backend. Needs CAP_NET_RAW and the device.
#pragma once

#include <memory>

#include "base/clock.h"
#include "base/random.h"
#include "control/health/transport.h"

namespace joinery::health {

// `clock` and `random` outlive it. The error says which right or device is missing.
[[nodiscard]] Expected<std::unique_ptr<Transport>> OpenWireTransport(boost::asio::io_context& io,
                                                                     const Prefixes& prefixes,
                                                                     const Clock& clock,
                                                                     Random& random);

}  // namespace joinery::health
