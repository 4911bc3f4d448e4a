#include "lb/steer/classify.h"

#include "wire/icmp.h"

namespace joinery::steer {
namespace {

using wire::PacketKind;

// Types of neighbour discovery (RFC 4861 section 4).
constexpr uint8_t kFirstNdpType = 133;
constexpr uint8_t kLastNdpType = 137;

// What the owner of the port answers itself: a VIP is one of its addresses.
bool IsForOwner(const wire::PacketView& view) noexcept {
  if (view.l4().empty()) return false;
  const uint8_t type = view.l4()[0];
  if (view.family == IpFamily::kIpv4) return type == wire::kIcmpEcho;
  return type == wire::kIcmpv6Echo || (type >= kFirstNdpType && type <= kLastNdpType);
}

void ToService(const Snapshot& snapshot, const wire::PacketView& view, Verdict& verdict) noexcept {
  const VipTable::Result found =
      snapshot.vips().Find(view.destination, view.protocol, view.destination_port);
  switch (found.match) {
    case VipTable::Match::kNotVip:
      verdict.action = Action::kLocal;
      return;
    case VipTable::Match::kNoService:
      return verdict.Drop(DropReason::kNoService);
    case VipTable::Match::kPool:
      break;
  }
  // RFC 1812 section 5.2.3, RFC 8200 section 3: it would leave with 0.
  if (view.ttl <= 1) return verdict.Drop(DropReason::kTtlExpired);
  verdict.action = Action::kForward;
  verdict.pool = found.pool;
}

}  // namespace

void Classify(const Snapshot& snapshot, std::span<const uint8_t> frame, wire::PacketView& view,
              Verdict& verdict) noexcept {
  wire::ParseError error;
  if (!wire::ParseFrameInto(frame, view, error)) {
    verdict.parse_reason = error.reason;
    return verdict.Drop(DropReason::kMalformed);
  }
  if (view.kind == PacketKind::kTcp || view.kind == PacketKind::kUdp) {
    return ToService(snapshot, view, verdict);
  }
  if (view.kind == PacketKind::kArp || view.kind == PacketKind::kOther ||
      !snapshot.vips().IsVip(view.destination)) {
    verdict.action = Action::kLocal;
    return;
  }
  if (view.kind == PacketKind::kFragment) return verdict.Drop(DropReason::kFragment);
  if (view.kind != PacketKind::kIcmp) return verdict.Drop(DropReason::kNoService);
  if (IsForOwner(view)) {
    verdict.action = Action::kLocal;
    return;
  }
  const auto icmp = wire::IcmpView::Parse(view.family, view.l4());
  if (!icmp || !icmp->is_error()) return verdict.Drop(DropReason::kIcmpUnsupported);
  verdict.action = Action::kForward;
}

}  // namespace joinery::steer
