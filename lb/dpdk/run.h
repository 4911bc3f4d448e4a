// A whole balancer, from a configuration to a clean stop.
#pragma once

#include <string>

#include "base/expected.h"
#include "settings/config.h"

namespace joinery::dpdk {

// Forwards until SIGINT or SIGTERM; SIGHUP reads `path` again. Prints one line that begins with
// "joinery-lb: ready" to standard output when it forwards, and the counters at the end. The calling
// thread becomes the first lcore. `config` is what `path` holds.
[[nodiscard]] Expected<void> Run(const std::string& path, const settings::Config& config);

}  // namespace joinery::dpdk
