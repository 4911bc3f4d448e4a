#include "wire/packet_view.h"

#include <gtest/gtest.h>

#include "wire/testing/view_checks.h"

namespace joinery::wire {
namespace {

using testing::Bytes;
using testing::FromHexText;

struct Row {
  const char* name;
  Bytes frame;
  PacketKind kind;
  uint8_t protocol;
  uint16_t ip_offset;
  uint16_t l4_offset;
  uint16_t payload_offset;
};

const testing::IpSpec kIpv6{.source = "2001:db8::1", .destination = "2001:db8::2"};

testing::IpSpec WithExtensions(uint8_t first, const char* text) {
  testing::IpSpec ip = kIpv6;
  ip.first_extension = first;
  ip.extensions = FromHexText(text);
  return ip;
}

const Row kRows[] = {
    {"TCP over IPv4", testing::BuildTcp({}), PacketKind::kTcp, 6, 14, 34, 54},
    {"TCP with options and payload", testing::BuildTcp({.options = {1, 1, 4, 2}, .payload = {9}}),
     PacketKind::kTcp, 6, 14, 34, 58},
    {"TCP over IPv6", testing::BuildTcp({.ip = kIpv6}), PacketKind::kTcp, 6, 14, 54, 74},
    {"IPv4 options move the ports",
     testing::BuildTcp({.ip = {.ip_options = FromHexText("94040000")}}), PacketKind::kTcp, 6, 14,
     38, 58},
    {"IPv6 extension headers move them too",
     testing::BuildTcp({.ip = WithExtensions(60, "06 00 010400000000")}), PacketKind::kTcp, 6, 14,
     62, 82},
    {"an atomic fragment is a packet",
     testing::BuildTcp({.ip = WithExtensions(44, "06 00 0000 12345678")}), PacketKind::kTcp, 6, 14,
     62, 82},
    {"behind two VLAN tags", testing::BuildTcp({.ip = {.link = {.vlan_ids = {7, 8}}}}),
     PacketKind::kTcp, 6, 22, 42, 62},
    {"UDP", testing::BuildUdp({.payload = {1, 2}}), PacketKind::kUdp, 17, 14, 34, 42},
    {"UDP over IPv6", testing::BuildUdp({.ip = kIpv6}), PacketKind::kUdp, 17, 14, 54, 62},
    {"ICMPv4 echo", testing::BuildIcmp({}, FromHexText("08 00 0000 0001 0001")), PacketKind::kIcmp,
     1, 14, 34, 42},
    {"ICMPv6 echo", testing::BuildIcmp(kIpv6, FromHexText("80 00 0000 0001 0001")),
     PacketKind::kIcmp, 58, 14, 54, 62},
    {"ICMPv6's number over IPv4 is another protocol", testing::BuildIp({}, 58, {}),
     PacketKind::kOtherIp, 58, 14, 34, 34},
    {"ICMPv4's number over IPv6 is another protocol", testing::BuildIp(kIpv6, 1, {}),
     PacketKind::kOtherIp, 1, 14, 54, 54},
    {"IPv4 first fragment", testing::BuildTcp({.ip = {.fragment = 0x2000}}), PacketKind::kFragment,
     6, 14, 34, 34},
    {"IPv4 last fragment, shorter than a TCP header",
     testing::BuildIp({.fragment = 0x0001}, 6, {1, 2, 3}), PacketKind::kFragment, 6, 14, 34, 34},
    {"IPv6 fragment", testing::BuildTcp({.ip = WithExtensions(44, "06 00 0001 12345678")}),
     PacketKind::kFragment, 6, 14, 62, 62},
    {"GRE", testing::BuildIp({}, 47, FromHexText("00000800")), PacketKind::kOtherIp, 47, 14, 34,
     34},
    {"ARP",
     testing::BuildEthernet(
         {}, 0x0806,
         FromHexText("0001 0800 06 04 0001 020000000001 c6120001 000000000000 c6120002")),
     PacketKind::kArp, 0, 14, 14, 14},
    {"LLDP", testing::BuildEthernet({}, 0x88cc, {2, 7}), PacketKind::kOther, 0, 14, 14, 14},
};

TEST(ParseFrame, FindsTheHeadersOfEveryRow) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.name);
    const auto view = ParseFrame(row.frame);
    ASSERT_TRUE(view) << ToString(view.error());
    EXPECT_EQ(view->kind, row.kind);
    EXPECT_EQ(view->protocol, row.protocol);
    EXPECT_EQ(view->ip_offset, row.ip_offset);
    EXPECT_EQ(view->l4_offset, row.l4_offset);
    EXPECT_EQ(view->payload_offset, row.payload_offset);
    EXPECT_EQ(view->ip().size(), row.frame.size() - row.ip_offset);
    EXPECT_EQ(view->l4().data() + view->l4().size(), row.frame.data() + row.frame.size());
    EXPECT_EQ(view->payload().size(), row.frame.size() - row.payload_offset);
    if (row.kind != PacketKind::kOther) testing::ExpectEveryPrefixFails(row.frame, ParseFrame);
  }
}

TEST(ParseFrame, ReadsTheFieldsThatSteer) {
  for (const bool v6 : {false, true}) {
    const Bytes frame = testing::BuildTcp({.ip = {.source = v6 ? "2001:db8::1" : "198.18.0.1",
                                                  .destination = v6 ? "2001:db8::2" : "198.18.0.2",
                                                  .ttl = 7},
                                           .source_port = 1234,
                                           .destination_port = 443,
                                           .flags = kSyn | kEce | kCwr,
                                           .options = {4, 2, 1, 1}});
    const auto view = ParseFrame(frame);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->family, v6 ? IpFamily::kIpv6 : IpFamily::kIpv4);
    EXPECT_EQ(ToString(view->source), v6 ? "2001:db8::1" : "198.18.0.1");
    EXPECT_EQ(ToString(view->destination), v6 ? "2001:db8::2" : "198.18.0.2");
    EXPECT_EQ(view->ttl, 7);
    EXPECT_EQ(view->source_port, Port(1234));
    EXPECT_EQ(view->destination_port, Port(443));
    EXPECT_EQ(view->tcp_flags, kSyn | kEce | kCwr);
    EXPECT_TRUE(view->is_syn());
    EXPECT_EQ(view->tcp_options().size(), 4U);
    EXPECT_TRUE(view->payload().empty());
  }
}

TEST(ParseFrame, LeavesPaddingOutOfThePacket) {
  Bytes frame = testing::BuildTcp({});
  frame.resize(60);  // the shortest Ethernet frame without its check sequence
  const auto view = ParseFrame(frame);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->ip().size(), 40U);
  EXPECT_TRUE(view->payload().empty()) << "padding would make a third ACK look like data";
}

TEST(ParseFrame, NamesWhatIsWrongAndWhere) {
  const auto changed = [](Bytes frame, size_t at, uint8_t value) {
    frame.at(at) = value;
    return frame;
  };
  const Bytes v4 = testing::BuildTcp({});
  const Bytes v6 = testing::BuildTcp({.ip = kIpv6});
  struct BadRow {
    const char* name;
    Bytes frame;
    ParseError error;
  };
  const BadRow rows[] = {
      {"no frame", {}, {ParseReason::kTruncated, 0}},
      {"IPv6 under IPv4's ethertype", changed(v4, 14, 0x65), {ParseReason::kBadIpVersion, 14}},
      {"IPv4 under IPv6's ethertype", changed(v6, 14, 0x45), {ParseReason::kBadIpVersion, 14}},
      {"IPv4 header of 16", changed(v4, 14, 0x44), {ParseReason::kBadIpHeaderLength, 14}},
      {"IPv4 total length one too long", changed(v4, 17, 41), {ParseReason::kBadIpTotalLength, 16}},
      {"IPv6 payload length one too long",
       changed(v6, 19, 21),
       {ParseReason::kBadIpTotalLength, 18}},
      {"IPv4 total length cuts TCP", changed(v4, 17, 39), {ParseReason::kTruncated, 53}},
      {"TCP data offset 4", changed(v4, 46, 0x40), {ParseReason::kBadTcpDataOffset, 46}},
      {"TCP data offset 6 of 5", changed(v6, 66, 0x60), {ParseReason::kBadTcpDataOffset, 66}},
      {"UDP length 7", changed(testing::BuildUdp({}), 39, 7), {ParseReason::kBadUdpLength, 38}},
      {"ICMP of 4 bytes",
       testing::BuildIcmp({}, FromHexText("08000000")),
       {ParseReason::kTruncated, 38}},
      {"extension header past the packet",
       testing::BuildIp(WithExtensions(60, "06 01 010400000000"), 6, {}),
       {ParseReason::kTruncated, 54}},
      {"ARP for something else",
       testing::BuildEthernet({}, 0x0806, Bytes(28)),
       {ParseReason::kBadArp, 14}},
  };
  for (const BadRow& row : rows) {
    SCOPED_TRACE(row.name);
    const auto view = ParseFrame(row.frame);
    ASSERT_FALSE(view);
    EXPECT_EQ(view.error(), row.error) << ToString(view.error());
  }
}

}  // namespace
}  // namespace joinery::wire
