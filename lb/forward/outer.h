// The headers of a tunnel: IP in IP (RFC 2003 for 4in4, RFC 4213 section 3 for 6in4, RFC 2473 for
// 4in6 and 6in6) and generic UDP encapsulation, variant 1 (draft-ietf-intarea-gue-09 section 4).
//
// The outer packet is never fragmented (DF; decisions have compared the MTU), so its identification
// is 0 (RFC 6864 section 4.1). DSCP and ECN are the inner packet's (RFC 2983 section 4.1, RFC 6040
// section 4.1). The UDP checksum is 0: over IPv6 as RFC 6935 section 5 allows for tunnels, since
// the inner packet has checksums of its own; the backend's port must accept that, as Linux's fou
// does.
#pragma once

#include <cstdint>
#include <span>

#include "lb/steer/encap.h"

namespace joinery::forward {

inline constexpr uint8_t kOuterTtl = 64;

// Where gue's source ports begin (RFC 6335 section 6: dynamic ports); 14 bits of the flow follow.
inline constexpr uint16_t kFirstGueSourcePort = 0xc000;

// `inner` begins with a whole IP packet, padding may follow; `out` is tunnel.overhead bytes, and
// all of them are written. `flow` spreads flows over the queues and paths between here and the
// backend: gue's source port, the outer flow label (RFC 6438).
void WriteOuterHeaders(const steer::Tunnel& tunnel, uint16_t flow, std::span<const uint8_t> inner,
                       std::span<uint8_t> out) noexcept;

}  // namespace joinery::forward
