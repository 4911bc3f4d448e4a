// Neighbour discovery for the balancer's own sake (RFC 4861 section 7.2): answers solicitations for
// our addresses, learns about neighbours that are wanted, asks for them. Router discovery and
// redirects are not for a balancer: gateways are configured.
#pragma once

#include <cstddef>
#include <span>

#include "base/clock.h"
#include "lb/neighbour/arp.h"
#include "lb/neighbour/identity.h"
#include "lb/neighbour/table.h"
#include "wire/packet_view.h"

namespace joinery::neighbour {

// An untagged Ethernet frame with a neighbour message that carries a link address.
inline constexpr size_t kNdpFrameLength = 86;

// `packet` is ICMPv6 of type 135 or 136, received on `port`.
[[nodiscard]] Reaction HandleNdp(const Identity& identity, Table& table, uint16_t port,
                                 const wire::PacketView& packet, Instant now,
                                 std::span<uint8_t> reply);

// Writes the solicitation for an IPv6 probe. Returns the frame's length: 0 when there is no own
// address to ask from, or `out` is too small.
[[nodiscard]] size_t WriteNdpProbe(const Identity& identity, const Probe& probe,
                                   std::span<uint8_t> out);

}  // namespace joinery::neighbour
