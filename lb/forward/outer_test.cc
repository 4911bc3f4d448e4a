// What leaves in a tunnel: each outer field by the view that a backend would read it with, and the
// inner packet as it came, one hop older.
#include "lb/forward/outer.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/big_endian.h"
#include "base/random.h"
#include "lb/forward/forward.h"
#include "lb/steer/encap.h"
#include "lb/steer/testing/test_config.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"
#include "wire/gue.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/testing/packet_builder.h"
#include "wire/udp.h"

namespace joinery::forward {
namespace {

using settings::Encap;
using steer::Verdict;
using wire::testing::BuildTcp;
using wire::testing::Bytes;
using wire::testing::IpSpec;
using wire::testing::TcpSpec;

constexpr LinkAddresses kLink = {.source = {{0x02, 0, 0, 0, 0, 0x0b}},
                                 .destination = {{0x02, 0, 0, 0, 0, 0x2c}}};
constexpr uint16_t kFlow = 0xabcd;

struct Row {
  const char* name;
  Encap encap = Encap::kIpip;
  const char* backend = "198.18.0.11";
  IpSpec inner = {.source = "198.18.5.5", .destination = "198.18.1.1"};
  size_t headroom = 0;
  uint8_t protocol = 0;  // in the outer IP header
};

std::vector<Row> Rows() {
  const IpSpec v6 = {.source = "2001:db8:5::5", .destination = "2001:db8:1::1"};
  IpSpec tagged;
  tagged.source = "198.18.5.5";
  tagged.destination = "198.18.1.1";
  tagged.link.vlan_ids = {7};
  return {
      {.name = "4in4", .headroom = 20, .protocol = wire::kProtocolIpv4},
      {.name = "6in4", .inner = v6, .headroom = 20, .protocol = wire::kProtocolIpv6},
      {.name = "4in6", .backend = "2001:db8::11", .headroom = 40, .protocol = wire::kProtocolIpv4},
      {.name = "6in6",
       .backend = "2001:db8::11",
       .inner = v6,
       .headroom = 40,
       .protocol = wire::kProtocolIpv6},
      {.name = "4in4 behind a VLAN tag",
       .inner = tagged,
       .headroom = 20,
       .protocol = wire::kProtocolIpv4},
      {.name = "4 in gue over 4",
       .encap = Encap::kGue,
       .headroom = 28,
       .protocol = wire::kProtocolUdp},
      {.name = "6 in gue over 4",
       .encap = Encap::kGue,
       .inner = v6,
       .headroom = 28,
       .protocol = wire::kProtocolUdp},
      {.name = "4 in gue over 6",
       .encap = Encap::kGue,
       .backend = "2001:db8::11",
       .headroom = 48,
       .protocol = wire::kProtocolUdp},
      {.name = "6 in gue over 6 behind a VLAN tag",
       .encap = Encap::kGue,
       .backend = "2001:db8::11",
       .inner =
           [&] {
             IpSpec both = v6;
             both.link.vlan_ids = {7};
             return both;
           }(),
       .headroom = 48,
       .protocol = wire::kProtocolUdp},
  };
}

struct Sent {
  Bytes frame;
  std::span<const uint8_t> link = {};
  std::span<const uint8_t> outer = {};  // from the outer IP header on
};

// The packet on its way to b1, as the row says. 0xa5 in the room shows a byte that nobody wrote.
Sent Send(const Row& row, const TcpSpec& spec) {
  settings::Config config = steer::testing::TestConfig();
  steer::testing::BackendOf(config, "b1").encap = row.encap;
  steer::testing::BackendOf(config, "b1").address = *IpAddress::Parse(row.backend);
  const auto snapshot = steer::testing::BuildOrDie(config);
  const Verdict verdict{.action = steer::Action::kForward, .pool = 0, .backend = 0, .flow = kFlow};
  EXPECT_EQ(Headroom(*snapshot, verdict), row.headroom) << row.name;
  const Bytes received = BuildTcp(spec);
  Sent sent{.frame = Bytes(row.headroom, 0xa5)};
  sent.frame.insert(sent.frame.end(), received.begin(), received.end());
  Rewrite(*snapshot, verdict, kLink, sent.frame);
  const size_t link = wire::EthernetView::Parse(sent.frame)->header_length();
  sent.link = std::span(sent.frame).first(link);
  sent.outer = std::span(sent.frame).subspan(link);
  return sent;
}

// The outer IP header's fields; what it carries comes back.
std::span<const uint8_t> CheckOuterIpv4(const Row& row, std::span<const uint8_t> outer) {
  const auto ip = wire::Ipv4View::Parse(outer);
  EXPECT_TRUE(ip.has_value()) << row.name;
  EXPECT_EQ(ToString(ip->source()), "198.18.0.1") << row.name;
  EXPECT_EQ(ToString(ip->destination()), row.backend) << row.name;
  EXPECT_EQ(ip->protocol(), row.protocol) << row.name;
  EXPECT_EQ(ip->time_to_live(), kOuterTtl) << row.name;
  EXPECT_EQ(ip->flags(), wire::Ipv4View::kDontFragment) << row.name;
  EXPECT_EQ(ip->fragment_offset(), 0) << row.name;
  EXPECT_EQ(ip->identification(), 0) << row.name;
  EXPECT_EQ(ip->total_length(), outer.size()) << row.name;
  EXPECT_EQ(wire::InternetChecksum(outer.first(20)), 0) << row.name;
  return ip->payload();
}

std::span<const uint8_t> CheckOuterIpv6(const Row& row, std::span<const uint8_t> outer) {
  const auto ip = wire::Ipv6View::Parse(outer);
  EXPECT_TRUE(ip.has_value()) << row.name;
  EXPECT_EQ(ToString(ip->source()), "2001:db8::1") << row.name;
  EXPECT_EQ(ToString(ip->destination()), row.backend) << row.name;
  EXPECT_EQ(ip->next_header(), row.protocol) << row.name;
  EXPECT_EQ(ip->hop_limit(), kOuterTtl) << row.name;
  EXPECT_EQ(ip->flow_label(), kFlow) << row.name;
  EXPECT_EQ(ip->payload_length(), outer.size() - 40) << row.name;
  return ip->payload();
}

std::span<const uint8_t> CheckUdp(const Row& row, std::span<const uint8_t> datagram) {
  const auto udp = wire::UdpView::Parse(datagram);
  EXPECT_TRUE(udp.has_value()) << row.name;
  EXPECT_EQ(udp->source_port(), Port(0xc000 | (kFlow & 0x3fff))) << row.name;
  EXPECT_EQ(udp->destination_port(), Port(wire::kGuePort)) << row.name;
  EXPECT_EQ(udp->length(), datagram.size()) << row.name;
  EXPECT_EQ(udp->checksum(), 0) << row.name;
  const auto gue = wire::GueView::Parse(udp->payload());
  EXPECT_TRUE(gue.has_value() && gue->variant() == 1) << row.name;
  return udp->payload();
}

TEST(OuterHeaders, EveryTunnelCarriesThePacketOneHopOlder) {
  for (const Row& row : Rows()) {
    const TcpSpec spec = {.ip = row.inner, .payload = Bytes(33, 0x5a)};
    const Sent sent = Send(row, spec);
    const bool ipv4 = IpAddress::Parse(row.backend)->is_v4();
    const auto ethernet = wire::EthernetView::Parse(sent.link);
    EXPECT_EQ(ethernet->ethertype(), ipv4 ? wire::kEtherTypeIpv4 : wire::kEtherTypeIpv6)
        << row.name;
    EXPECT_EQ(ethernet->source(), kLink.source) << row.name;
    EXPECT_EQ(ethernet->destination(), kLink.destination) << row.name;
    EXPECT_EQ(ethernet->tag_count(), row.inner.link.vlan_ids.size()) << row.name;
    std::span<const uint8_t> inner =
        ipv4 ? CheckOuterIpv4(row, sent.outer) : CheckOuterIpv6(row, sent.outer);
    if (row.encap == Encap::kGue) inner = CheckUdp(row, inner);
    TcpSpec expected = spec;
    --expected.ip.ttl;
    const Bytes whole = BuildTcp(expected);
    EXPECT_EQ(Bytes(inner.begin(), inner.end()),
              Bytes(whole.begin() + static_cast<ptrdiff_t>(sent.link.size()), whole.end()))
        << row.name;
  }
}

// RFC 6040 section 4.1 (ECN), RFC 2983 section 4.1 (DSCP).
TEST(OuterHeaders, DscpAndEcnAreTheInnerPackets) {
  constexpr uint8_t kTrafficClass = 0xb9;  // EF and ECT(1)
  for (const Row& row : Rows()) {
    Bytes inner = BuildTcp({.ip = row.inner});
    const size_t link = wire::EthernetView::Parse(inner)->header_length();
    if (inner[link] >> 4 == 4) {
      inner[link + 1] = kTrafficClass;
    } else {
      inner[link] = 0x60 | kTrafficClass >> 4;
      inner[link + 1] = static_cast<uint8_t>((kTrafficClass & 0xf) << 4);
    }
    const auto address = *IpAddress::Parse(row.backend);
    Bytes out(row.headroom, 0xa5);
    WriteOuterHeaders(steer::MakeTunnel(row.encap, address, address), kFlow,
                      std::span(inner).subspan(link), out);
    const int got = address.is_v4() ? out[1] : (out[0] & 0xf) << 4 | out[1] >> 4;
    EXPECT_EQ(got, kTrafficClass) << row.name;
  }
}

// Ethernet's padding is no part of the inner packet.
TEST(OuterHeaders, PaddingIsNotCounted) {
  Bytes frame = BuildTcp({.ip = {.source = "198.18.5.5", .destination = "198.18.1.1"}});
  frame.resize(60);
  Bytes out(20);
  WriteOuterHeaders(steer::MakeTunnel(Encap::kIpip, IpAddress(), IpAddress()), kFlow,
                    std::span(frame).subspan(14), out);
  EXPECT_EQ(LoadBe16(&out[wire::Ipv4View::kTotalLength]), 20 + 40);
}

// The headers once more, field by field.
Bytes SlowOuterHeaders(Encap encap, const IpAddress& source, const IpAddress& destination,
                       uint16_t flow, std::span<const uint8_t> inner) {
  const bool inner_is_v4 = inner[0] >> 4 == 4;
  const int words = inner[0] << 8 | inner[1];
  const auto traffic_class = static_cast<uint8_t>(inner_is_v4 ? words & 0xff : words >> 4 & 0xff);
  const int inner_length = inner_is_v4
                               ? LoadBe16(&inner[2])
                               : static_cast<int>(wire::Ipv6View::kLength) + LoadBe16(&inner[4]);
  const bool gue = encap == Encap::kGue;
  const auto payload = static_cast<uint16_t>(inner_length + (gue ? 8 : 0));
  const uint8_t protocol = gue           ? wire::kProtocolUdp
                           : inner_is_v4 ? wire::kProtocolIpv4
                                         : wire::kProtocolIpv6;
  Bytes out(steer::EncapOverhead(encap, destination.family()), 0xa5);
  if (destination.is_v4()) {
    wire::Ipv4View::Emit({.type_of_service = traffic_class,
                          .total_length = static_cast<uint16_t>(20 + payload),
                          .flags = wire::Ipv4View::kDontFragment,
                          .time_to_live = kOuterTtl,
                          .protocol = protocol,
                          .source = source,
                          .destination = destination},
                         out);
    StoreBe16(&out[wire::Ipv4View::kHeaderChecksum],
              wire::InternetChecksum(std::span(out).first(20)));
  } else {
    wire::Ipv6View::Emit({.traffic_class = traffic_class,
                          .flow_label = flow,
                          .payload_length = payload,
                          .next_header = protocol,
                          .hop_limit = kOuterTtl,
                          .source = source,
                          .destination = destination},
                         std::span(out).first<wire::Ipv6View::kLength>());
  }
  if (gue) {
    wire::UdpView::Emit({.source_port = Port(static_cast<uint16_t>(0xc000 | (flow & 0x3fff))),
                         .destination_port = Port(wire::kGuePort),
                         .length = payload},
                        std::span(out).last<8>());
  }
  return out;
}

TEST(OuterHeaders, AgreeWithTheirSlowTwin) {
  SeededRandom random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::array<uint8_t, 60> inner;
    random.Fill(inner);
    inner[0] = static_cast<uint8_t>((i % 2 == 0 ? 0x40 : 0x60) | (inner[0] & 0xf));
    std::array<uint8_t, 16> bytes[2];
    for (auto& address : bytes) random.Fill(address);
    const bool ipv4 = random.Below(2) == 0;
    const auto make = [&](const std::array<uint8_t, 16>& b) {
      return ipv4 ? IpAddress::V4(std::span(b).first<4>()) : IpAddress::V6(b);
    };
    const Encap encap = random.Below(2) == 0 ? Encap::kIpip : Encap::kGue;
    const auto flow = static_cast<uint16_t>(random.Uint32());
    const steer::Tunnel tunnel = steer::MakeTunnel(encap, make(bytes[0]), make(bytes[1]));
    Bytes out(tunnel.overhead, 0xa5);
    WriteOuterHeaders(tunnel, flow, inner, out);
    ASSERT_EQ(out, SlowOuterHeaders(encap, make(bytes[0]), make(bytes[1]), flow, inner)) << i;
  }
}

}  // namespace
}  // namespace joinery::forward
