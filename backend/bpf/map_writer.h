// Makes the pinned maps of the tc programs what settings say, in an order that no packet notices:
// pools before the VIPs that point to them, and the other way round when they go. A pool keeps its
// slot for as long as it exists, over restarts too.
#pragma once

#include "backend/bpf/cookie_settings.h"
#include "base/expected.h"

namespace joinery::bpf {

struct CookieMaps {  // file descriptors
  int vips4;
  int vips6;
  int pools;
};

// Everything is checked before the first write.
[[nodiscard]] Expected<void> WriteMaps(const CookieMaps& maps, const CookieSettings& settings);

}  // namespace joinery::bpf
