#include "lb/forward/forward.h"

#include <cstring>

#include "base/big_endian.h"
#include "lb/forward/outer.h"
#include "lb/forward/ttl.h"
#include "lb/steer/encap.h"
#include "wire/ethernet.h"

namespace joinery::forward {
namespace {

using wire::EthernetView;

void SetMacs(const LinkAddresses& link, std::span<uint8_t> frame) noexcept {
  std::memcpy(&frame[EthernetView::kDestination], link.destination.bytes.data(), 6);
  std::memcpy(&frame[EthernetView::kSource], link.source.bytes.data(), 6);
}

// VLAN tags included. The frame has been parsed before it got a verdict, so it has such a header.
size_t LinkLength(std::span<const uint8_t> frame) noexcept {
  return EthernetView::Parse(frame)->header_length();
}

// Takes the Ethernet header, `length` bytes behind `room`, to the front.
void MoveLinkHeader(std::span<uint8_t> frame, size_t room, size_t length, bool ipv4) noexcept {
  std::memmove(frame.data(), &frame[room], length);
  StoreBe16(&frame[length - 2], ipv4 ? wire::kEtherTypeIpv4 : wire::kEtherTypeIpv6);
}

}  // namespace

size_t Headroom(const steer::Snapshot& snapshot, const steer::Verdict& verdict) noexcept {
  const steer::BackendEntry& backend = snapshot.backends()[verdict.backend];
  return steer::EncapOverhead(backend.encap, backend.address.family());
}

void Rewrite(const steer::Snapshot& snapshot, const steer::Verdict& verdict,
             const LinkAddresses& link, std::span<uint8_t> frame) noexcept {
  const steer::BackendEntry& backend = snapshot.backends()[verdict.backend];
  const size_t room = Headroom(snapshot, verdict);
  const size_t link_length = LinkLength(frame.subspan(room));
  const std::span<uint8_t> inner = frame.subspan(room + link_length);
  DecrementTtl(inner);
  if (backend.encap != settings::Encap::kL2) {
    MoveLinkHeader(frame, room, link_length, backend.address.is_v4());
    WriteOuterHeaders(backend, verdict.flow, inner, frame.subspan(link_length, room));
  }
  SetMacs(link, frame);
}

}  // namespace joinery::forward
