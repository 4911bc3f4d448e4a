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

Subject Local(Verdict& verdict) noexcept {
  verdict.action = Action::kLocal;
  return Subject::kNone;
}

Subject Drop(DropReason reason, Verdict& verdict) noexcept {
  verdict.Drop(reason);
  return Subject::kNone;
}

// `otherwise`: why a packet to a VIP is dropped that no pool takes.
Subject ToPool(const VipTable::Result& found, uint8_t ttl, DropReason otherwise,
               Verdict& verdict) noexcept {
  if (found.match == VipTable::Match::kNotVip) return Local(verdict);
  if (found.match == VipTable::Match::kNoService) return Drop(otherwise, verdict);
  // RFC 1812 section 5.2.3, RFC 8200 section 3: it would leave with 0.
  if (ttl <= 1) return Drop(DropReason::kTtlExpired, verdict);
  verdict.action = Action::kForward;
  verdict.pool = found.pool;
  return found.by_address ? Subject::kAddresses : Subject::kFlow;
}

}  // namespace

Subject Classify(const Snapshot& snapshot, std::span<const uint8_t> frame, wire::PacketView& view,
                 Verdict& verdict) noexcept {
  wire::ParseError error;
  if (!wire::ParseFrameInto(frame, view, error)) {
    verdict.parse_reason = error.reason;
    return Drop(DropReason::kMalformed, verdict);
  }
  const VipTable& vips = snapshot.vips();
  if (view.kind == PacketKind::kTcp || view.kind == PacketKind::kUdp) {
    return ToPool(vips.Find(view.destination, view.protocol, view.destination_port), view.ttl,
                  DropReason::kNoService, verdict);
  }
  if (view.kind == PacketKind::kFragment) {
    return ToPool(vips.FindFragment(view.destination), view.ttl, DropReason::kFragment, verdict);
  }
  if (view.kind == PacketKind::kArp || view.kind == PacketKind::kOther ||
      !vips.IsVip(view.destination)) {
    return Local(verdict);
  }
  if (view.kind != PacketKind::kIcmp) return Drop(DropReason::kNoService, verdict);
  if (IsForOwner(view)) return Local(verdict);
  const auto icmp = wire::IcmpView::Parse(view.family, view.l4());
  if (!icmp || !icmp->is_error()) return Drop(DropReason::kIcmpUnsupported, verdict);
  verdict.action = Action::kForward;
  return Subject::kIcmpError;
}

}  // namespace joinery::steer
