// ICMP echo to the balancer's own addresses and to virtual ones (docs/protocol.md section 4: "Echo
// to a VIP is answered by the LB"): RFC 792, RFC 4443 section 4.2.
#pragma once

#include <cstdint>
#include <span>

#include "lb/neighbour/arp.h"
#include "lb/neighbour/identity.h"
#include "wire/packet_view.h"

namespace joinery::neighbour {

// An ICMPv4 or ICMPv6 echo request, by type and code.
[[nodiscard]] bool IsEchoRequest(const wire::PacketView& packet) noexcept;

// `packet` is an echo request. The reply goes to where the frame came from: whoever routed the
// request to us routes the answer back.
[[nodiscard]] Reaction HandleEcho(const Identity& identity, const wire::PacketView& packet,
                                  std::span<uint8_t> reply);

}  // namespace joinery::neighbour
