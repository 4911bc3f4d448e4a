// A capture through the balancer's own decision: each packet, its verdict and why.
#pragma once

#include <ostream>

#include "base/expected.h"
#include "lb/steer/snapshot.h"
#include "settings/config.h"
#include "tools/pcap/pcap_file.h"

namespace joinery::pcap {

enum class Format : uint8_t {
  kText,  // two lines for each packet, then the sums
  kJson,  // one object a line for each packet, then {"counters":...}
};

// Decides about every record as one lcore would that began with the first: time is the capture's.
// `forwarded`, if not null, gets each forwarded packet as it would leave; since a capture knows no
// neighbours, MAC addresses are made up: 02:00:00:00:00:00 for the balancer, and 02:00:00:01:HH:HH
// for the next hop with index HH:HH in the snapshot. An error is the capture's own.
[[nodiscard]] Expected<void> Replay(const settings::Config& config, const steer::Snapshot& snapshot,
                                    Reader& capture, Format format, std::ostream& out,
                                    Writer* forwarded);

}  // namespace joinery::pcap
