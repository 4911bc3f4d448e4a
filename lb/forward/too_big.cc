#include "lb/forward/too_big.h"

#include <algorithm>

#include "base/big_endian.h"
#include "wire/icmp.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/packet_view.h"
#include "wire/reply/icmp_reply.h"

namespace joinery::forward {
namespace {

constexpr size_t kMaxV4 = 576;
constexpr size_t kMaxV6 = 1280;

bool IsAnswered(const wire::PacketView& packet) noexcept {
  const bool transport =
      packet.kind == wire::PacketKind::kTcp || packet.kind == wire::PacketKind::kUdp;
  if (!transport || packet.source.IsMulticast() || packet.source.IsUnspecified()) return false;
  if (packet.family == IpFamily::kIpv6) return true;
  constexpr uint16_t kDontFragment = 0x4000;
  return (LoadBe16(&packet.ip()[wire::Ipv4View::kFlagsAndOffset]) & kDontFragment) != 0;
}

}  // namespace

size_t WriteTooBig(std::span<const uint8_t> frame, uint16_t mtu, const MacAddress& own,
                   std::span<uint8_t> out) noexcept {
  const auto packet = wire::ParseFrame(frame);
  if (!packet || !IsAnswered(*packet)) return 0;
  const bool v4 = packet->family == IpFamily::kIpv4;
  const wire::IcmpFields head{
      .type = v4 ? wire::kIcmpUnreachable : wire::kIcmpv6PacketTooBig,
      .code = v4 ? wire::kIcmpFragmentationNeeded : uint8_t{0},
      .rest_of_header = mtu};  // RFC 1191 section 4: in the low 16 bits; RFC 4443 section 3.2
  const size_t room = v4 ? kMaxV4 - wire::Ipv4View::kMinLength : kMaxV6 - wire::Ipv6View::kLength;
  const size_t quoted = std::min(packet->ip().size(), room - wire::IcmpView::kLength);
  return wire::EmitIcmpReply(*packet, own, head, packet->ip().first(quoted), out);
}

}  // namespace joinery::forward
