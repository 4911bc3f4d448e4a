#include "lb/forward/forward.h"

#include "base/big_endian.h"
#include "lb/forward/outer.h"

namespace joinery::forward::internal {
namespace {

// Takes the Ethernet header, `length` bytes behind `room`, to the front. Without tags there is
// nothing of it to keep.
void MoveLinkHeader(std::span<uint8_t> frame, size_t room, size_t length, bool ipv4) noexcept {
  if (length != wire::EthernetView::kMinLength) std::memmove(frame.data(), &frame[room], length);
  StoreBe16(&frame[length - 2], ipv4 ? wire::kEtherTypeIpv4 : wire::kEtherTypeIpv6);
}

}  // namespace

void RewriteIntoTunnel(const steer::Tunnel& tunnel, uint16_t flow, const LinkAddresses& link,
                       std::span<uint8_t> frame) noexcept {
  const size_t room = tunnel.overhead;
  const size_t link_length = LinkLength(frame.subspan(room));
  const std::span<uint8_t> inner = frame.subspan(room + link_length);
  DecrementTtl(inner);
  MoveLinkHeader(frame, room, link_length, tunnel.outer_is_v4);
  WriteOuterHeaders(tunnel, flow, inner, frame.subspan(link_length, room));
  SetMacs(link, frame);
}

}  // namespace joinery::forward::internal
