// The yardstick: what dpdk-testpmd's 5tswap does to a packet. It swaps the two MAC addresses, the
// two IP addresses and the two ports, and decides nothing. Measured beside everything else over
// the same buffers.
#pragma once

#include <cstdint>
#include <span>

namespace joinery::bench {

// `frame`: Ethernet with IPv4 without options, or IPv6 without extension headers, and TCP or UDP;
// anything else only has its MAC addresses swapped. Checksums hold, since sums commute.
void SwapFiveTuple(std::span<uint8_t> frame) noexcept;

}  // namespace joinery::bench
