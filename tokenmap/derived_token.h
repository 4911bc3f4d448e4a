// Tokens that follow from a key, as any RFC 8684 or RFC 6824 host makes them.
#pragma once

#include <cstdint>

#include "base/ids.h"

namespace joinery::tokenmap {

// The first 32 bits of SHA-256(key) (MPTCP v1) or SHA-1(key) (v0), the key as 8 bytes in network
// order: RFC 8684 section 3.2, RFC 6824 section 3.2. Any version but 0 counts as 1.
[[nodiscard]] Token DerivedToken(uint64_t key, uint8_t mptcp_version) noexcept;

}  // namespace joinery::tokenmap
