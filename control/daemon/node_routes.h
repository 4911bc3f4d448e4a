// What balancers and agents ask of control: their views and the place for their reports
// (api/README.md). Each sees only its own; who it is says its certificate or its socket.
#pragma once

#include "api/net/server.h"
#include "control/daemon/driver.h"

namespace joinery::control {

// Both outlive the routes.
void AddNodeRoutes(api::Server& server, Driver& driver);

}  // namespace joinery::control
