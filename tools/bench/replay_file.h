// Writes a set of packets as a capture file, for ports that replay one (DPDK's net_pcap).
#pragma once

#include <cstddef>
#include <string>

#include "base/expected.h"
#include "settings/config.h"
#include "tools/bench/traffic.h"

namespace joinery::bench {

// `packets` of `traffic`, then an ARP reply from every neighbour that the balancer needs (backends
// and gateways), since a replayed file answers no question. Refuses a backend or gateway with an
// IPv6 address.
[[nodiscard]] Expected<void> WriteReplayFile(const std::string& path,
                                             const settings::Config& config, Traffic& traffic,
                                             size_t packets);

}  // namespace joinery::bench
