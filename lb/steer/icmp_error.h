// ICMP errors to a virtual address. Each quotes a packet that a backend sent and belongs to that
// backend: docs/protocol.md section 4.
//
// Reading list: RFC 792; RFC 4443 section 3; RFC 1191 and RFC 8201 (path MTU discovery, which
// breaks when "too big" is lost); RFC 7690 (why load balancers lose it).
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "lb/steer/lcore_state.h"
#include "lb/steer/snapshot.h"
#include "lb/steer/verdict.h"
#include "wire/packet_view.h"

namespace joinery::steer {

// "Too big" of which nobody knows the backend, copied to all of a pool: a second, for each lcore.
inline constexpr uint32_t kIcmpCopiesPerSecond = 100;

// `view` is an ICMP error to a virtual address (Classify). The backend is the one that is named by
// the cookie in the quoted TSval; else the one in the flow cache; else a "too big" about TCP is
// copied to all, since routers of RFC 792 quote 8 bytes of TCP; else by the hash. Drops what quotes
// no packet of a service (kIcmpQuote), and what the TTL ends.
void DecideIcmpError(const Snapshot& snapshot, LcoreState& state, const wire::PacketView& view,
                     Instant now, Verdict& verdict) noexcept;

}  // namespace joinery::steer
