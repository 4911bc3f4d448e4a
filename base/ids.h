// The names that packets, pools and schemes are known by. All are in host order; on the wire they
// are big endian (base/big_endian.h). docs/protocol.md section 2 says how they relate.
#pragma once

#include <cstdint>

#include "base/strong.h"

namespace joinery {

// The 32-bit name of an MPTCP connection at one host (RFC 8684 section 3.2).
using Token = Strong<struct TokenTag, uint32_t>;

// The small integer that a token carries; below 2^s of its pool's scheme.
using BackendId = Strong<struct BackendIdTag, uint16_t>;

// The leading r bits of a token: which generation of the scheme made it. All ones is reserved.
using Codepoint = Strong<struct CodepointTag, uint8_t>;

// Which generation it is for good: a codepoint is used again, a serial never (it only grows).
using Serial = Strong<struct SerialTag, uint64_t>;

// A pool's number in the FF1 tweak and in messages.
using PoolId = Strong<struct PoolIdTag, uint32_t>;

// A TCP or UDP port.
using Port = Strong<struct PortTag, uint16_t>;

}  // namespace joinery
