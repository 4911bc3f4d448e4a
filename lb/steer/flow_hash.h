// The keyed hash of a flow: SipHash-1-3 under the pool's secret over source address, destination
// address, source port and destination port in network order (12 or 36 bytes; the length tells the
// families apart). It places flows and names them in the cache; whoever does not know the secret
// can neither aim at a backend nor make flows collide.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/ids.h"
#include "base/ip_address.h"
#include "crypto/key128.h"
#include "wire/packet_view.h"

namespace joinery::steer {

// A flow by its ends, for whoever has no packet of it that goes to the VIP.
struct FlowEnds {
  IpAddress client;
  IpAddress vip;  // of the same family
  Port client_port;
  Port vip_port;
};

// Room for the longest flow: two IPv6 addresses and two ports.
using FlowRoom = std::array<uint8_t, 36>;

// The flow that is hashed. It lies in the packet, or in `room` when the packet holds it in pieces.
// `packet` is TCP or UDP.
[[nodiscard]] std::span<const uint8_t> FlowBytes(const wire::PacketView& packet,
                                                 FlowRoom& room) noexcept;

// The same flow, written into `room`.
[[nodiscard]] std::span<const uint8_t> FlowBytes(const FlowEnds& ends, FlowRoom& room) noexcept;

// The keyed hash of a pair of addresses (8 or 32 bytes), where all flows of a client go one way:
// its fragments have no ports.
[[nodiscard]] uint64_t AddressHash(const crypto::Key128& secret, const IpAddress& client,
                                   const IpAddress& vip) noexcept;

// `packet` is TCP or UDP.
[[nodiscard]] uint64_t FlowHash(const crypto::Key128& secret,
                                const wire::PacketView& packet) noexcept;

}  // namespace joinery::steer
