// ARP for the balancer's own sake: RFC 826, with the cautions of RFC 5227. Answers requests for our
// addresses, learns about neighbours that are wanted, asks for them.
#pragma once

#include <cstddef>
#include <span>

#include "base/clock.h"
#include "lb/neighbour/identity.h"
#include "lb/neighbour/outcomes.h"
#include "lb/neighbour/table.h"
#include "wire/packet_view.h"

namespace joinery::neighbour {

// What to send back, and how the frame counts.
struct Reaction {
  Outcome outcome = Outcome::kIgnored;
  size_t reply_length = 0;  // bytes written; 0: no reply
};

// An untagged Ethernet frame with an ARP packet.
inline constexpr size_t kArpFrameLength = 42;

// `packet` is of kind kArp, received on `port`.
[[nodiscard]] Reaction HandleArp(const Identity& identity, Table& table, uint16_t port,
                                 const wire::PacketView& packet, Instant now,
                                 std::span<uint8_t> reply);

// Writes the request for an IPv4 probe. Returns the frame's length: 0 when there is no own address
// to ask from, or `out` is too small.
[[nodiscard]] size_t WriteArpProbe(const Identity& identity, const Probe& probe,
                                   std::span<uint8_t> out);

}  // namespace joinery::neighbour
