// One hop less to live: IPv4's TTL with its checksum (RFC 1812 section 5.2.3, RFC 1624), IPv6's hop
// limit (RFC 8200 section 3).
#pragma once

#include <cstdint>
#include <span>

namespace joinery::forward {

// `packet` begins with a whole IPv4 or IPv6 header whose TTL or hop limit is at least 1.
void DecrementTtl(std::span<uint8_t> packet) noexcept;

}  // namespace joinery::forward
