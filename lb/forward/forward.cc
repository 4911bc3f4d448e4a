#include "lb/forward/forward.h"

#include <cstring>

#include "base/big_endian.h"
#include "lb/forward/ttl.h"
#include "wire/ethernet.h"

namespace joinery::forward {
namespace {

using wire::EthernetView;

void SetMacs(const LinkAddresses& link, std::span<uint8_t> frame) noexcept {
  std::memcpy(&frame[EthernetView::kDestination], link.destination.bytes.data(), 6);
  std::memcpy(&frame[EthernetView::kSource], link.source.bytes.data(), 6);
}

// The frame has been parsed before it got a verdict, so it has an Ethernet header.
std::span<uint8_t> IpPacket(std::span<uint8_t> frame) noexcept {
  return frame.subspan(EthernetView::Parse(frame)->header_length());
}

}  // namespace

size_t Headroom(const steer::Snapshot&, const steer::Verdict&) noexcept { return 0; }

void Rewrite(const steer::Snapshot&, const steer::Verdict&, const LinkAddresses& link,
             std::span<uint8_t> frame) noexcept {
  SetMacs(link, frame);
  DecrementTtl(IpPacket(frame));
}

}  // namespace joinery::forward
