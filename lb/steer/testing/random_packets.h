// Packets of every sort to the services of TestConfig(): SYNs, joins with routable and unroutable
// tokens, handshakes, data of known and unknown flows, UDP, ICMP, fragments, strangers, and
// mutilated ones of each; echoes of cookies where pool "web" has them (AddCookie).
#pragma once

#include <cstdint>
#include <vector>

#include "settings/config.h"
#include "wire/testing/packet_builder.h"

namespace joinery::steer::testing {

// The same packets for the same seed. Few clients and ports, so that flows come again.
[[nodiscard]] std::vector<wire::testing::Bytes> RandomPackets(const settings::Config& config,
                                                              uint64_t seed, size_t count);

}  // namespace joinery::steer::testing
