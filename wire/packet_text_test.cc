#include "wire/packet_text.h"

#include <gtest/gtest.h>

#include "wire/testing/packet_builder.h"

namespace joinery::wire {
namespace {

using testing::Bytes;
using testing::FromHexText;

const testing::IpSpec kIpv6{.source = "2001:db8::1", .destination = "2001:db8::2"};

struct Row {
  const char* name;
  Bytes frame;
  const char* text;
};

const Row kRows[] = {
    {"a SYN that joins",
     testing::BuildTcp({.flags = kSyn, .options = testing::MpJoinSynOption(Token(7), 9)}),
     "198.18.0.1:40000 > 198.18.0.2:80 S 1:1(0) win 65535 "
     "<mp_join_syn backup=0 address_id=1 token=7 rand=9>"},
    {"data with both keys",
     testing::BuildTcp({.ip = kIpv6,
                        .sequence = 0xffffffff,
                        .acknowledgment = 5,
                        .flags = kPsh | kAck,
                        .options = testing::MpCapableKeysDataOption(1, 2, 3),
                        .payload = {1, 2, 3}}),
     "[2001:db8::1]:40000 > [2001:db8::2]:80 P. 4294967295:2(3) ack 5 win 65535 "
     "<mpcapable v1 flags[flag_h] key[1,2] mpcdatalen 3,eol>"},
    {"no flags, no options", testing::BuildTcp({.flags = 0}),
     "198.18.0.1:40000 > 198.18.0.2:80 - 1:1(0) win 65535"},
    {"all flags behind a VLAN tag",
     testing::BuildTcp({.ip = {.link = {.vlan_ids = {7}}}, .flags = 0xff}),
     "vlan 7: 198.18.0.1:40000 > 198.18.0.2:80 FSRP.UEW 1:1(0) ack 0 win 65535"},
    {"UDP", testing::BuildUdp({.ip = kIpv6, .payload = Bytes(12)}),
     "[2001:db8::1]:40000 > [2001:db8::2]:53 udp (12)"},
    {"ICMP echo", testing::BuildIcmp({}, FromHexText("08 00 0000 0001 0001")),
     "198.18.0.1 > 198.18.0.2 icmpv4 type 8 code 0"},
    {"ICMPv6 echo", testing::BuildIcmp(kIpv6, FromHexText("80 00 0000 0001 0001")),
     "2001:db8::1 > 2001:db8::2 icmpv6 type 128 code 0"},
    {"neighbour advertisement",
     testing::BuildIcmp(kIpv6, FromHexText("88 00 0000 60000000 20010db8000000000000000000000001"
                                           "02 01 020000000001")),
     "2001:db8::1 > 2001:db8::2 neighbor advertisement 2001:db8::1 is-at 02:00:00:00:00:01 "
     "flags [SO]"},
    {"another protocol over IPv6", testing::BuildIp(kIpv6, 47, Bytes(4)),
     "ipv6 2001:db8::1 > 2001:db8::2: hlim 64 flow 0x00000 len 4 next 47"},
    {"neighbour solicitation",
     testing::BuildIcmp(kIpv6, FromHexText("87 00 0000 00000000 20010db8000000000000000000000002"
                                           "01 01 020000000001")),
     "2001:db8::1 > 2001:db8::2 neighbor solicitation who-has 2001:db8::2 (02:00:00:00:00:01)"},
    {"a neighbour solicitation that is none",
     testing::BuildIcmp(kIpv6, FromHexText("87 00 0000 00000000")),
     "2001:db8::1 > 2001:db8::2 truncated at 8: the header is longer than the bytes there are"},
    {"an IPv4 fragment", testing::BuildIp({.fragment = 0x2001}, 6, Bytes(8)),
     "ipv4 198.18.0.1 > 198.18.0.2: ttl 64 id 1 len 28 proto 6 [MF] frag 8"},
    {"an IPv6 fragment",
     testing::BuildIp({.source = "2001:db8::1",
                       .destination = "2001:db8::2",
                       .extensions = FromHexText("06 00 0001 00000001"),
                       .first_extension = 44},
                      6, Bytes(8)),
     "ipv6 2001:db8::1 > 2001:db8::2: hlim 64 flow 0x00000 len 16 next 44 fragment"},
    {"GRE", testing::BuildIp({}, 47, Bytes(4)),
     "ipv4 198.18.0.1 > 198.18.0.2: ttl 64 id 1 len 24 proto 47 [DF]"},
    {"ARP",
     testing::BuildEthernet(
         {}, 0x0806,
         FromHexText("0001 0800 06 04 0001 020000000001 c6120001 000000000000 c6120002")),
     "arp who-has 198.18.0.2 tell 198.18.0.1 (02:00:00:00:00:01)"},
    {"LLDP", testing::BuildEthernet({}, 0x88cc, {2, 7}),
     "eth 02:00:00:00:00:01 > 02:00:00:00:00:02 type 0x88cc"},
};

TEST(PacketText, PrintsEveryRow) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.name);
    const auto packet = ParseFrame(row.frame);
    ASSERT_TRUE(packet) << ToString(packet.error());
    EXPECT_EQ(ToString(*packet), row.text);
  }
}

// A view borrows: whoever changes the bytes under it reads of an error, and no more.
TEST(PacketText, BytesThatChangedAreAnError) {
  struct Change {
    const char* name;
    Bytes frame;
    size_t at;
    uint8_t value;
  };
  const std::string arp = "0001 0800 06 04 0001 020000000001 c6120001 000000000000 c6120002";
  const Change changes[] = {
      {"TCP's header length", testing::BuildTcp({}), 14 + 20 + 12, 0},
      {"IPv4's version", testing::BuildIp({}, 47, Bytes(4)), 14, 0},
      {"IPv6's version", testing::BuildIp(kIpv6, 47, Bytes(4)), 14, 0},
      {"ARP's hardware type", testing::BuildEthernet({}, 0x0806, FromHexText(arp)), 15, 9},
  };
  for (const Change& change : changes) {
    Bytes frame = change.frame;
    const auto packet = ParseFrame(frame);
    ASSERT_TRUE(packet) << change.name;
    const std::string before = ToString(*packet);
    frame[change.at] = change.value;
    EXPECT_NE(ToString(*packet), before) << change.name;
    EXPECT_NE(ToString(*packet).find(" at "), std::string::npos) << ToString(*packet);
  }
  EXPECT_EQ(ToString(PacketView{}),
            "truncated at 0: the header is longer than the bytes there are");
}

TEST(PacketText, ACutIcmpMessageIsAnError) {
  const Bytes frame = testing::BuildIcmp({}, FromHexText("08 00 0000 0001 0001"));
  PacketView cut = *ParseFrame(frame);
  cut.ip_length -= 4;
  EXPECT_EQ(ToString(cut), "truncated at 4: the header is longer than the bytes there are");
}

}  // namespace
}  // namespace joinery::wire
