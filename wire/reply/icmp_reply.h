// The frame that answers a received one by an ICMP message from the address that it was sent to:
// RFC 792, RFC 4443. It goes to where the frame came from: whoever routed that to us routes the
// answer back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/mac_address.h"
#include "wire/icmp.h"
#include "wire/packet_view.h"

namespace joinery::wire {

// Writes Ethernet (untagged, from `own`), IP and ICMP: `head` (its checksum is computed) and
// `body`. Returns the frame's length, or 0 when `out` has no room for it. `to` is an IP packet.
[[nodiscard]] size_t EmitIcmpReply(const PacketView& to, const MacAddress& own, IcmpFields head,
                                   std::span<const uint8_t> body, std::span<uint8_t> out) noexcept;

}  // namespace joinery::wire
