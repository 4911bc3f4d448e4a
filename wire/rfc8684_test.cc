// One test for each normative sentence of RFC 8684 that concerns who reads a segment on its way to
// a server. Each begins with the sentence's gist and its section; what becomes of a packet is the
// business of lb/steer.
#include <gtest/gtest.h>

#include "wire/add_addr.h"
#include "wire/dss.h"
#include "wire/mp_capable.h"
#include "wire/mp_join.h"
#include "wire/mp_tcprst.h"
#include "wire/remove_addr.h"
#include "wire/tcp_options.h"
#include "wire/testing/packet_builder.h"

namespace joinery::wire {
namespace {

using testing::Bytes;
using testing::FromHexText;
using testing::Join;

constexpr Token kToken(0x01020304);
constexpr uint64_t kKeyA = 0xa0a1a2a3a4a5a6a7;
constexpr uint64_t kKeyB = 0xb0b1b2b3b4b5b6b7;

TcpOptions Scan(uint8_t flags, const Bytes& options, const Bytes& payload = {}) {
  const Bytes frame = testing::BuildTcp({.flags = flags, .options = options, .payload = payload});
  return ScanTcpOptions(*ParseFrame(frame));
}

// Section 3: all MPTCP options have kind 30; the subtype is the four bits behind the length.
TEST(Rfc8684Section3, OnlyKind30IsMptcp) {
  Bytes option = testing::MpJoinSynOption(kToken);
  EXPECT_EQ(Scan(kSyn, option).join_token, kToken);
  option[0] = 253;
  EXPECT_EQ(Scan(kSyn, option).join_token, std::nullopt);
}

// Section 3: several MPTCP options may share one segment.
TEST(Rfc8684Section3, OptionsShareASegment) {
  const TcpOptions got = Scan(kAck, Join({FromHexText("1e08 2001 00000001"),       // DSS
                                          FromHexText("1e08 3101 c6120009"),       // ADD_ADDR echo
                                          FromHexText("1e04 4001 1e03 51 01")}));  // the rest
  EXPECT_FALSE(got.ambiguous);
  EXPECT_FALSE(got.bad_mptcp);
  EXPECT_FALSE(got.malformed);
}

// Section 3: bits marked reserved must be zero when sent and ignored when received.
TEST(Rfc8684Section3, ReservedBitsAreIgnored) {
  Bytes join = testing::MpJoinSynOption(kToken);
  join[2] |= 0x0e;
  EXPECT_EQ(Scan(kSyn, join).join_token, kToken);
  const Bytes fastclose = Join({FromHexText("1e0c 7f ff"), Bytes(8, 1)});
  EXPECT_EQ(Scan(kRst, fastclose).fastclose_key, 0x0101010101010101U);
}

// Section 3.1: the SYN of version 1 carries no key; the SYN/ACK carries B's; the ACK carries both.
TEST(Rfc8684Section3_1, KeysAppearStepByStep) {
  const auto syn = MpCapable::Parse(testing::MpCapableSynOption(), SegmentRole::kSynOnly);
  ASSERT_TRUE(syn);
  EXPECT_EQ(syn->sender_key(), std::nullopt);
  const Bytes syn_ack_bytes = FromHexText("1e0c 0101 b0b1b2b3b4b5b6b7");
  const auto syn_ack = MpCapable::Parse(syn_ack_bytes, SegmentRole::kSynAck);
  ASSERT_TRUE(syn_ack);
  EXPECT_EQ(syn_ack->sender_key(), kKeyB);
  const Bytes ack_bytes = testing::MpCapableKeysOption(kKeyA, kKeyB);
  const auto ack = MpCapable::Parse(ack_bytes, SegmentRole::kAckOnly);
  ASSERT_TRUE(ack);
  EXPECT_EQ(ack->sender_key(), kKeyA);
  EXPECT_EQ(ack->receiver_key(), kKeyB);
}

// Section 3.1: the initiator repeats the MP_CAPABLE with both keys on its first data, with the
// data-level length, and with a checksum when that was negotiated.
TEST(Rfc8684Section3_1, FirstDataRepeatsTheKeys) {
  const TcpOptions plain = Scan(kAck, testing::MpCapableKeysDataOption(kKeyA, kKeyB, 5), Bytes(5));
  EXPECT_EQ(plain.mp_capable, MpCapableForm::kKeys);
  EXPECT_EQ(plain.receiver_key, kKeyB);
  Bytes with_checksum = testing::MpCapableKeysDataOption(kKeyA, kKeyB, 5);
  with_checksum.resize(24);
  with_checksum[1] = 24;
  EXPECT_EQ(Scan(kAck, with_checksum, Bytes(5)).receiver_key, kKeyB);
}

// Section 3.1: a SYN of a version that the receiver does not know is answered with one that it
// does, so it opens a connection all the same.
TEST(Rfc8684Section3_1, ALaterVersionStillOpens) {
  EXPECT_EQ(Scan(kSyn, FromHexText("1e04 0f01")).mp_capable, MpCapableForm::kOpening);
  // The initiator then goes on with the version of the SYN/ACK: another one is no handshake.
  const Bytes keys = Join({FromHexText("1e14 0f01"), Bytes(16)});
  EXPECT_EQ(Scan(kAck, keys).mp_capable, MpCapableForm::kNone);
}

// Section 3.1: a SYN whose B flag is set, by a receiver that knows no extension, must be ignored as
// MP_CAPABLE: the connection is plain TCP.
TEST(Rfc8684Section3_1, FlagBIsNoMpCapable) {
  const TcpOptions got = Scan(kSyn, testing::MpCapableSynOption(kMpcExtensibility | kMpcHmac));
  EXPECT_EQ(got.mp_capable, MpCapableForm::kNone);
  EXPECT_TRUE(got.bad_mptcp);
}

// Section 3.1: a crypto algorithm must be named; with D to H all zero the option is invalid and
// must be ignored.
TEST(Rfc8684Section3_1, NoAlgorithmIsNoMpCapable) {
  for (const uint8_t flags : {uint8_t{0}, kMpcChecksumRequired, kMpcDenyJoinId0}) {
    EXPECT_EQ(Scan(kSyn, testing::MpCapableSynOption(flags)).mp_capable, MpCapableForm::kNone);
  }
}

// Section 3.1: A asks for checksums and C keeps joins off the initial address; neither says
// anything about the form.
TEST(Rfc8684Section3_1, FlagsAAndCDoNotChangeTheForm) {
  for (const uint8_t flags : {kMpcChecksumRequired, kMpcDenyJoinId0}) {
    const auto flag_and_h = static_cast<uint8_t>(flags | kMpcHmac);
    EXPECT_EQ(Scan(kSyn, testing::MpCapableSynOption(flag_and_h)).mp_capable,
              MpCapableForm::kOpening);
  }
}

// Section 3.2: MP_JOIN has three forms, told apart by the packet of the handshake: 12, 16 and 24.
TEST(Rfc8684Section3_2, JoinHasALengthForEachPacket) {
  const Bytes twelve = testing::MpJoinSynOption(kToken);
  EXPECT_TRUE(MpJoinSyn::Parse(twelve));
  EXPECT_FALSE(MpJoinSynAck::Parse(twelve));
  EXPECT_TRUE(MpJoinSynAck::Parse(Join({FromHexText("1e10 1001"), Bytes(12)})));
  EXPECT_TRUE(MpJoinAck::Parse(Join({FromHexText("1e18 1000"), Bytes(20)})));
}

// Section 3.2: SYNs of subflows must be demultiplexed by the token, unlike those of plain TCP,
// where addresses and ports do it.
TEST(Rfc8684Section3_2, TheTokenNamesTheConnectionWhateverTheAddresses) {
  for (const char* source : {"198.18.0.1", "198.19.255.254"}) {
    for (const uint16_t port : {uint16_t{1}, uint16_t{65535}}) {
      const Bytes frame = testing::BuildTcp({.ip = {.source = source},
                                             .source_port = port,
                                             .destination_port = port,
                                             .flags = kSyn,
                                             .options = testing::MpJoinSynOption(kToken)});
      EXPECT_EQ(ScanTcpOptions(*ParseFrame(frame)).join_token, kToken);
    }
  }
}

// Section 3.2: once a subflow is set up, the 5-tuple alone tells its packets apart: the third ACK
// carries an HMAC and no token.
TEST(Rfc8684Section3_2, TheThirdAckOfAJoinNamesNoConnection) {
  const TcpOptions got = Scan(kAck, Join({FromHexText("1e18 1000"), Bytes(20, 1)}));
  EXPECT_EQ(got.join_token, std::nullopt);
  EXPECT_FALSE(got.bad_mptcp);
}

// Section 3.3.1: `a` and `m` mean something only beside `A` and `M`, and are ignored otherwise.
TEST(Rfc8684Section3_3, WidthFlagsAloneAreIgnored) {
  const Bytes option = FromHexText("1e04 200a");
  const auto dss = Dss::Parse(option);
  ASSERT_TRUE(dss);
  EXPECT_EQ(dss->data_ack(), std::nullopt);
  EXPECT_EQ(dss->mapping(), std::nullopt);
}

// Section 3.3.1: with all flags set a DSS has 28 bytes.
TEST(Rfc8684Section3_3, TheLongestDssHas28Bytes) {
  const Bytes longest = Join({FromHexText("1e1c 201f"), Bytes(24)});
  EXPECT_TRUE(Dss::Parse(longest));
  const Bytes longer = Join({FromHexText("1e1d 201f"), Bytes(25)});
  EXPECT_FALSE(Dss::Parse(longer));
}

// Section 3.3.1: the checksum is there only when it was negotiated; both lengths are well formed to
// who did not see the handshake.
TEST(Rfc8684Section3_3, AChecksumMayFollowTheMapping) {
  const Bytes without = Join({FromHexText("1e0e 2004"), Bytes(10)});
  const Bytes with = Join({FromHexText("1e10 2004"), Bytes(12)});
  EXPECT_EQ(Dss::Parse(without)->mapping()->checksum, std::nullopt);
  EXPECT_EQ(Dss::Parse(with)->mapping()->checksum, 0);
}

// Section 3.4.1: an echo has the E flag and no HMAC; the port is optional in both.
TEST(Rfc8684Section3_4, AnEchoHasNoHmac) {
  EXPECT_TRUE(AddAddr::Parse(FromHexText("1e08 3101 c6120009"), 1));
  EXPECT_FALSE(AddAddr::Parse(FromHexText("1e08 3001 c6120009"), 1));
  const Bytes announcement = FromHexText("1e12 3001 c6120009 01bb 0000000000000005");
  const auto with_port = AddAddr::Parse(announcement, 1);
  ASSERT_TRUE(with_port);
  EXPECT_EQ(with_port->port(), Port(443));
  EXPECT_EQ(with_port->truncated_hmac(), 5U);
}

// Section 3.4.2: one REMOVE_ADDR may withdraw several addresses; its length says how many.
TEST(Rfc8684Section3_4, OneOptionRemovesSeveralAddresses) {
  const Bytes three = FromHexText("1e06 40 010203");
  const auto view = RemoveAddr::Parse(three);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->address_ids().size(), 3U);
}

// Section 3.5: a fast close travels in an ACK or in RSTs, and proves itself by the receiver's key.
TEST(Rfc8684Section3_5, AFastcloseNamesTheReceiverByItsKey) {
  for (const uint8_t flags : {kAck, kRst, static_cast<uint8_t>(kRst | kAck)}) {
    EXPECT_EQ(Scan(flags, testing::MpFastcloseOption(kKeyB)).fastclose_key, kKeyB);
  }
}

// Section 3.6: MP_TCPRST explains a RST; elsewhere it has no meaning.
TEST(Rfc8684Section3_6, TcpRstOnlyExplainsARst) {
  const Bytes option = FromHexText("1e04 8101");
  EXPECT_TRUE(MpTcpRst::Parse(option)->transient());
  EXPECT_FALSE(Scan(kRst, option).bad_mptcp);
  EXPECT_TRUE(Scan(kAck, option).bad_mptcp);
}

// Section 3.7: when options are missing or unreadable the connection falls back to plain TCP: such
// a packet is read as one without MPTCP, never as an error.
TEST(Rfc8684Section3_7, UnreadableOptionsMakeAPlainTcpPacket) {
  const TcpOptions got = Scan(kSyn, FromHexText("1e03 00 1e02 0101"));
  EXPECT_EQ(got.mp_capable, MpCapableForm::kNone);
  EXPECT_EQ(got.join_token, std::nullopt);
  EXPECT_TRUE(got.bad_mptcp);
  EXPECT_FALSE(got.malformed);
}

}  // namespace
}  // namespace joinery::wire
