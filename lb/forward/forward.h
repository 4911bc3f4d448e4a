// Carries a verdict out on the bytes of a frame. All decisions were made before (lb/steer); nothing
// here fails. Direct server return: the IP packet keeps its addresses, so the backend answers the
// client itself (docs/protocol.md section 7).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/big_endian.h"
#include "base/mac_address.h"
#include "lb/forward/ttl.h"
#include "lb/steer/encap.h"
#include "lb/steer/snapshot.h"
#include "lb/steer/verdict.h"
#include "wire/ethernet.h"

namespace joinery::forward {

// Of the frame that leaves: our port, and the next hop (Snapshot::next_hops()[backend.next_hop]).
struct LinkAddresses {
  MacAddress source;
  MacAddress destination;
};

// Bytes that the caller puts in front of the received frame before Rewrite: 0 for l2, 20 or 40 for
// ipip, 28 or 48 for gue. verdict is kForward.
[[nodiscard]] inline size_t Headroom(const steer::Snapshot& snapshot,
                                     const steer::Verdict& verdict) noexcept {
  return snapshot.tunnels()[verdict.backend].overhead;
}

namespace internal {

inline void SetMacs(const LinkAddresses& link, std::span<uint8_t> frame) noexcept {
  std::memcpy(&frame[wire::EthernetView::kDestination], link.destination.bytes.data(), 6);
  std::memcpy(&frame[wire::EthernetView::kSource], link.source.bytes.data(), 6);
}

// VLAN tags included. The frame has been parsed before it got a verdict, so it has such a header.
[[nodiscard]] inline size_t LinkLength(std::span<const uint8_t> frame) noexcept {
  const uint16_t type = LoadBe16(&frame[wire::EthernetView::kEtherType]);
  if (type == wire::kEtherTypeIpv4 || type == wire::kEtherTypeIpv6) {
    return wire::EthernetView::kMinLength;
  }
  return wire::EthernetView::Parse(frame)->header_length();
}

// Rewrite for ipip and gue.
void RewriteIntoTunnel(const steer::Tunnel& tunnel, uint16_t flow, const LinkAddresses& link,
                       std::span<uint8_t> frame) noexcept;

}  // namespace internal

// `frame` is the received one, which DecideBurst gave `verdict` (kForward), with Headroom() bytes
// of any content in front. Afterwards it is ready to be sent: new MAC addresses, VLAN tags as they
// were, TTL or hop limit one less (in a tunnel too: RFC 2003 section 3.1, RFC 2473 section 3.1),
// IPv4 header checksum updated (RFC 1624); for ipip and gue the outer headers of outer.h.
// l2 is inline: the call would cost more than the work.
inline void Rewrite(const steer::Snapshot& snapshot, const steer::Verdict& verdict,
                    const LinkAddresses& link, std::span<uint8_t> frame) noexcept {
  const steer::Tunnel& tunnel = snapshot.tunnels()[verdict.backend];
  if (tunnel.overhead != 0) return internal::RewriteIntoTunnel(tunnel, verdict.flow, link, frame);
  DecrementTtl(frame.subspan(internal::LinkLength(frame)));
  internal::SetMacs(link, frame);
}

}  // namespace joinery::forward
