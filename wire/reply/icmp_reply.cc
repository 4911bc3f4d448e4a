#include "wire/reply/icmp_reply.h"

#include <algorithm>

#include "base/big_endian.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"

namespace joinery::wire {
namespace {

constexpr uint8_t kTtl = 64;

void EmitIp(const PacketView& to, std::span<uint8_t> ip) noexcept {
  if (to.family == IpFamily::kIpv6) {
    Ipv6View::Emit({.traffic_class = 0,
                    .flow_label = 0,
                    .payload_length = static_cast<uint16_t>(ip.size() - Ipv6View::kLength),
                    .next_header = kProtocolIcmpv6,
                    .hop_limit = kTtl,
                    .source = to.destination,
                    .destination = to.source},
                   ip.first<Ipv6View::kLength>());
    return;
  }
  // RFC 1122 section 3.2.2.6 wants source routes reversed; nobody accepts them today, so options
  // are left out.
  Ipv4Fields fields{.type_of_service = 0,
                    .total_length = static_cast<uint16_t>(ip.size()),
                    .identification = 0,
                    .flags = Ipv4View::kDontFragment,
                    .fragment_offset = 0,
                    .time_to_live = kTtl,
                    .protocol = kProtocolIcmp,
                    .header_checksum = 0,
                    .source = to.destination,
                    .destination = to.source,
                    .options = {}};
  Ipv4View::Emit(fields, ip);
  fields.header_checksum = InternetChecksum(ip.first(Ipv4View::kMinLength));
  Ipv4View::Emit(fields, ip);
}

void EmitMessage(const PacketView& to, IcmpFields head, std::span<const uint8_t> body,
                 std::span<uint8_t> message) noexcept {
  head.checksum = 0;
  IcmpView::Emit(head, message.first<IcmpView::kLength>());
  std::ranges::copy(body, message.subspan(IcmpView::kLength).begin());
  StoreBe16(&message[IcmpView::kChecksum],
            to.family == IpFamily::kIpv4
                ? InternetChecksum(message)
                : TransportChecksum(to.destination, to.source, kProtocolIcmpv6, message));
}

}  // namespace

size_t EmitIcmpReply(const PacketView& to, const MacAddress& own, IcmpFields head,
                     std::span<const uint8_t> body, std::span<uint8_t> out) noexcept {
  const bool v4 = to.family == IpFamily::kIpv4;
  const size_t ip_header = v4 ? Ipv4View::kMinLength : Ipv6View::kLength;
  const size_t message = IcmpView::kLength + body.size();
  const size_t length = EthernetView::kMinLength + ip_header + message;
  if (length > out.size()) return 0;

  const auto ethernet = EthernetView::Parse(to.frame);
  EthernetView::Emit({.destination = ethernet->source(),
                      .source = own,
                      .tags = {},
                      .tag_count = 0,
                      .ethertype = v4 ? kEtherTypeIpv4 : kEtherTypeIpv6},
                     out);
  const std::span<uint8_t> ip = out.first(length).subspan(EthernetView::kMinLength);
  EmitMessage(to, head, body, ip.subspan(ip_header));
  EmitIp(to, ip);
  return length;
}

}  // namespace joinery::wire
