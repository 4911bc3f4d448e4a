// The checks that the kernel's own sockets make: tcp, http, https.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "control/health/check.h"

namespace joinery::health {

// Ends within `timeout`. check.kind is not kMptcp.
[[nodiscard]] boost::asio::awaitable<Outcome> RunSocketCheck(Check check, Endpoints endpoints,
                                                             Nanoseconds timeout);

}  // namespace joinery::health
