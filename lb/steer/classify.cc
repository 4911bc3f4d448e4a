#include "lb/steer/classify.h"

namespace joinery::steer {
namespace {

using wire::PacketKind;

// Types (RFC 792; RFC 4443; RFC 4861 section 4).
constexpr uint8_t kIcmpEchoRequest = 8;
constexpr uint8_t kIcmpv6EchoRequest = 128;
constexpr uint8_t kFirstNdpType = 133;
constexpr uint8_t kLastNdpType = 137;

Verdict Drop(DropReason reason) noexcept { return {.action = Action::kDrop, .reason = reason}; }

// What the owner of the port answers itself: a VIP is one of its addresses.
bool IsForOwner(const wire::PacketView& view) noexcept {
  if (view.l4().empty()) return false;
  const uint8_t type = view.l4()[0];
  if (view.family == IpFamily::kIpv4) return type == kIcmpEchoRequest;
  return type == kIcmpv6EchoRequest || (type >= kFirstNdpType && type <= kLastNdpType);
}

Verdict ToService(const Snapshot& snapshot, const wire::PacketView& view) noexcept {
  const VipTable::Result found =
      snapshot.vips().Find(view.destination, view.protocol, view.destination_port);
  switch (found.match) {
    case VipTable::Match::kNotVip:
      return {.action = Action::kLocal};
    case VipTable::Match::kNoService:
      return Drop(DropReason::kNoService);
    case VipTable::Match::kPool:
      break;
  }
  // RFC 1812 section 5.2.3, RFC 8200 section 3: it would leave with 0.
  if (view.ttl <= 1) return Drop(DropReason::kTtlExpired);
  return {.action = Action::kForward, .pool = found.pool};
}

}  // namespace

Verdict Classify(const Snapshot& snapshot, std::span<const uint8_t> frame,
                 wire::PacketView& view) noexcept {
  const Expected<wire::PacketView, wire::ParseError> parsed = wire::ParseFrame(frame);
  if (!parsed) {
    return {.action = Action::kDrop,
            .reason = DropReason::kMalformed,
            .parse_reason = parsed.error().reason};
  }
  view = *parsed;
  if (view.kind == PacketKind::kTcp || view.kind == PacketKind::kUdp) {
    return ToService(snapshot, view);
  }
  if (view.kind == PacketKind::kArp || view.kind == PacketKind::kOther ||
      !snapshot.vips().IsVip(view.destination)) {
    return {.action = Action::kLocal};
  }
  if (view.kind == PacketKind::kFragment) return Drop(DropReason::kFragment);
  if (view.kind != PacketKind::kIcmp) return Drop(DropReason::kNoService);
  if (IsForOwner(view)) return {.action = Action::kLocal};
  return Drop(DropReason::kIcmpUnsupported);
}

}  // namespace joinery::steer
