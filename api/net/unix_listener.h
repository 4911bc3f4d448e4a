// A listening Unix socket with the permissions that were asked for, from its first moment on.
#pragma once

#include "api/net/server.h"
#include "base/expected.h"

namespace joinery::api {

// A listening, non-blocking descriptor, which is the caller's. A socket file that nobody answers on
// is replaced; one that somebody answers on, or that is no socket, is an error.
[[nodiscard]] Expected<int> ListenOnPath(const UnixListener& listener);

}  // namespace joinery::api
