#include "lb/forward/forward.h"

#include "base/big_endian.h"
#include "lb/forward/outer.h"

namespace joinery::forward::internal {
namespace {

// Takes the Ethernet header, `length` bytes behind `room`, to the front.
void MoveLinkHeader(std::span<uint8_t> frame, size_t room, size_t length, bool ipv4) noexcept {
  std::memmove(frame.data(), &frame[room], length);
  StoreBe16(&frame[length - 2], ipv4 ? wire::kEtherTypeIpv4 : wire::kEtherTypeIpv6);
}

}  // namespace

void RewriteIntoTunnel(const steer::BackendEntry& backend, uint16_t flow, const LinkAddresses& link,
                       std::span<uint8_t> frame) noexcept {
  const size_t room = steer::EncapOverhead(backend.encap, backend.address.family());
  const size_t link_length = LinkLength(frame.subspan(room));
  const std::span<uint8_t> inner = frame.subspan(room + link_length);
  DecrementTtl(inner);
  MoveLinkHeader(frame, room, link_length, backend.address.is_v4());
  WriteOuterHeaders(backend, flow, inner, frame.subspan(link_length, room));
  SetMacs(link, frame);
}

}  // namespace joinery::forward::internal
