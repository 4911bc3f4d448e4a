#include "control/health/syn_probe.h"

#include <array>

#include "base/big_endian.h"
#include "tokenmap/derived_token.h"
#include "wire/checksum.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/mp_capable.h"
#include "wire/tcp.h"
#include "wire/tcp_option.h"

namespace joinery::health {
namespace {

using wire::Ipv4View;
using wire::Ipv6View;
using wire::TcpView;

constexpr size_t kMssLength = 4;
constexpr size_t kSynOptions = 8;  // MSS and MP_CAPABLE, 4 bytes each
constexpr uint16_t kMss = 1220;    // fits every path that carries IPv6 (RFC 8200 section 5)
constexpr uint16_t kWindow = 65535;

std::array<uint8_t, kSynOptions> SynOptions() {
  std::array<uint8_t, kSynOptions> options = {wire::kOptionMss, kMssLength};
  StoreBe16(&options[2], kMss);
  wire::MpCapable::Emit({.version = 1, .flags = wire::kMpcHmac},
                        std::span(options).subspan(kMssLength));
  return options;
}

std::vector<uint8_t> Segment(const SynProbe& probe) {
  const std::array<uint8_t, kSynOptions> options = SynOptions();
  std::vector<uint8_t> segment(TcpView::kMinLength + options.size());
  TcpView::Emit({.source_port = probe.source_port,
                 .destination_port = probe.vip_port,
                 .sequence_number = SeqNumber(probe.sequence_number),
                 .flags = wire::kSyn,
                 .window = kWindow,
                 .options = options},
                segment);
  StoreBe16(&segment[TcpView::kChecksum],
            wire::TransportChecksum(probe.source, probe.vip, wire::kProtocolTcp, segment));
  return segment;
}

// What MP_CAPABLE in the SYN/ACK says; nothing when there is none that a client would believe.
std::optional<ReadAnswer> ReadMpCapable(const TcpView& tcp) {
  wire::TcpOptionCursor cursor(tcp.options());
  while (cursor.Next()) {
    if (cursor.option().kind != wire::kOptionMptcp) continue;
    const auto option = wire::MpCapable::Parse(cursor.option().bytes, wire::SegmentRole::kSynAck);
    if (!option) continue;
    ReadAnswer read{.answer = SynAnswer::kMptcp};
    read.deny_join = (option->flags() & wire::kMpcDenyJoinId0) != 0;
    if (const auto key = option->sender_key()) {
      read.token = tokenmap::DerivedToken(*key, option->version());
      return read;
    }
    if (const auto token = option->sender_token()) {
      read.token = *token;
      return read;
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<uint8_t> BuildSyn(const SynProbe& probe) {
  const std::vector<uint8_t> segment = Segment(probe);
  std::vector<uint8_t> packet;
  if (probe.source.is_v4()) {
    packet.resize(Ipv4View::kMinLength);
    Ipv4View::Emit({.total_length = static_cast<uint16_t>(Ipv4View::kMinLength + segment.size()),
                    .flags = Ipv4View::kDontFragment,
                    .protocol = wire::kProtocolTcp,
                    .source = probe.source,
                    .destination = probe.vip},
                   packet);
    StoreBe16(&packet[Ipv4View::kHeaderChecksum], wire::InternetChecksum(packet));
  } else {
    packet.resize(Ipv6View::kLength);
    Ipv6View::Emit({.payload_length = static_cast<uint16_t>(segment.size()),
                    .next_header = wire::kProtocolTcp,
                    .source = probe.source,
                    .destination = probe.vip},
                   std::span(packet).first<Ipv6View::kLength>());
  }
  packet.insert(packet.end(), segment.begin(), segment.end());
  return packet;
}

std::optional<ReadAnswer> ReadSynAnswer(const SynProbe& probe, const IpAddress& source,
                                        const IpAddress& destination,
                                        std::span<const uint8_t> segment) {
  const auto tcp = TcpView::Parse(segment);
  if (!tcp || source != probe.vip || destination != probe.source ||
      tcp->source_port() != probe.vip_port || tcp->destination_port() != probe.source_port ||
      (tcp->flags() & wire::kAck) == 0 ||
      tcp->acknowledgment_number() != SeqNumber(probe.sequence_number + 1)) {
    return std::nullopt;
  }
  if ((tcp->flags() & wire::kRst) != 0) return ReadAnswer{.answer = SynAnswer::kReset};
  if ((tcp->flags() & wire::kSyn) == 0) return std::nullopt;
  if (const auto mptcp = ReadMpCapable(*tcp)) return mptcp;
  return ReadAnswer{.answer = SynAnswer::kPlainTcp};
}

}  // namespace joinery::health
