#include "control/health/syn_probe.h"

#include <array>

#include <gtest/gtest.h>

#include "base/big_endian.h"
#include "tokenmap/derived_token.h"
#include "wire/checksum.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/mp_capable.h"
#include "wire/tcp.h"

namespace joinery::health {
namespace {

IpAddress Address(const char* text) { return IpAddress::Parse(text).value(); }

SynProbe Probe(bool ipv6 = false) {
  return {.source = Address(ipv6 ? "2001:db8:7::1" : "198.18.7.1"),
          .vip = Address(ipv6 ? "2001:db8:100::1" : "198.18.100.1"),
          .source_port = Port(40001),
          .vip_port = Port(443),
          .sequence_number = 0xfffffffe};
}

// A segment from the VIP to the probe's source.
std::vector<uint8_t> Answer(uint8_t flags, std::span<const uint8_t> options = {},
                            uint32_t acknowledgment = 0xffffffff) {
  std::vector<uint8_t> segment(wire::TcpView::kMinLength + options.size(), 0xa5);
  wire::TcpView::Emit({.source_port = Port(443),
                       .destination_port = Port(40001),
                       .sequence_number = SeqNumber(77),
                       .acknowledgment_number = SeqNumber(acknowledgment),
                       .flags = flags,
                       .options = options},
                      segment);
  return segment;
}

std::vector<uint8_t> Option(const wire::MpCapableFields& fields) {
  std::vector<uint8_t> option(wire::MpCapable::EncodedLength(fields));
  wire::MpCapable::Emit(fields, option);
  return option;
}

std::optional<ReadAnswer> Read(std::span<const uint8_t> segment) {
  const SynProbe probe = Probe();
  return ReadSynAnswer(probe, probe.vip, probe.source, segment);
}

constexpr uint8_t kSynAck = wire::kSyn | wire::kAck;

TEST(SynProbe, IsAClientsFirstPacketInBothFamilies) {
  const std::vector<uint8_t> v4 = BuildSyn(Probe());
  const auto ip4 = wire::Ipv4View::Parse(v4);
  ASSERT_TRUE(ip4);
  EXPECT_EQ(ip4->total_length(), v4.size());
  EXPECT_EQ(wire::InternetChecksum(std::span(v4).first(wire::Ipv4View::kMinLength)), 0);
  const std::vector<uint8_t> v6 = BuildSyn(Probe(true));
  const auto ip6 = wire::Ipv6View::Parse(v6);
  ASSERT_TRUE(ip6);
  for (const auto& [ip, probe] :
       {std::pair(ip4->payload(), Probe()), std::pair(ip6->payload(), Probe(true))}) {
    const auto tcp = wire::TcpView::Parse(ip);
    ASSERT_TRUE(tcp);
    EXPECT_EQ(tcp->flags(), wire::kSyn);
    EXPECT_EQ(tcp->destination_port(), Port(443));
    // With its checksum in place the sum over the segment is all ones, so what is stored is 0.
    EXPECT_EQ(wire::TransportChecksum(probe.source, probe.vip, wire::kProtocolTcp, ip), 0);
    const auto option =
        wire::MpCapable::Parse(tcp->options().subspan(4), wire::SegmentRole::kSynOnly);
    ASSERT_TRUE(option);
    EXPECT_EQ(option->version(), 1);
    EXPECT_EQ(option->flags(), wire::kMpcHmac);
  }
}

TEST(SynProbe, ReadsTheTokenOfAKey) {
  const auto read = Read(Answer(kSynAck, Option({.sender_key = 0x0102030405060708})));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->answer, SynAnswer::kMptcp);
  EXPECT_EQ(read->token, tokenmap::DerivedToken(0x0102030405060708, 1));
  EXPECT_FALSE(read->deny_join);
}

TEST(SynProbe, ReadsAnExplicitToken) {
  const auto read = Read(Answer(kSynAck, Option({.flags = wire::kMpcHmac | wire::kMpcExplicitPaasch,
                                                 .sender_token = Token(0x51c3b21f)})));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->token, Token(0x51c3b21f));
}

TEST(SynProbe, SeesFlagC) {
  const auto read = Read(
      Answer(kSynAck, Option({.flags = wire::kMpcHmac | wire::kMpcDenyJoinId0, .sender_key = 9})));
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->deny_join);
}

TEST(SynProbe, TellsPlainTcpAndResetsApart) {
  EXPECT_EQ(Read(Answer(kSynAck))->answer, SynAnswer::kPlainTcp);
  EXPECT_EQ(Read(Answer(wire::kRst | wire::kAck))->answer, SynAnswer::kReset);
  // MP_CAPABLE without a key is a SYN's form; a client would go on as plain TCP.
  EXPECT_EQ(Read(Answer(kSynAck, Option({})))->answer, SynAnswer::kPlainTcp);
}

TEST(SynProbe, PassesOverWhatIsNoAnswerToIt) {
  const SynProbe probe = Probe();
  const std::vector<uint8_t> answer = Answer(kSynAck);
  EXPECT_FALSE(ReadSynAnswer(probe, Address("198.18.100.2"), probe.source, answer));
  EXPECT_FALSE(ReadSynAnswer(probe, probe.vip, Address("198.18.7.2"), answer));
  EXPECT_FALSE(Read(Answer(kSynAck, {}, 0)));
  EXPECT_FALSE(Read(Answer(wire::kAck)));
  EXPECT_FALSE(Read(Answer(wire::kSyn)));
  SynProbe other = probe;
  other.source_port = Port(40002);
  EXPECT_FALSE(ReadSynAnswer(other, probe.vip, probe.source, answer));
  for (size_t length = 0; length < wire::TcpView::kMinLength; ++length) {
    EXPECT_FALSE(Read(std::span(answer).first(length))) << length;
  }
}

}  // namespace
}  // namespace joinery::health
