#include "lb/forward/too_big.h"

#include <array>

#include <gtest/gtest.h>

#include "wire/checksum.h"
#include "wire/icmp.h"
#include "wire/ipv4.h"
#include "wire/packet_view.h"
#include "wire/testing/packet_builder.h"

namespace joinery::forward {
namespace {

using namespace wire::testing;  // NOLINT(google-build-using-namespace): a test's words

constexpr MacAddress kOwn{{2, 0, 0, 0, 0, 9}};
constexpr uint16_t kMtu = 1300;

IpSpec V4() { return {.source = "198.18.5.5", .destination = "198.18.1.1"}; }
IpSpec V6() { return {.source = "2001:db8:5::5", .destination = "2001:db8:1::1"}; }

Bytes Data(const IpSpec& ip, size_t payload) {
  return BuildTcp({.ip = ip, .flags = wire::kAck, .payload = Bytes(payload, 0x55)});
}

Bytes Answer(const Bytes& frame, size_t room = kMaxTooBig) {
  Bytes out(room);
  out.resize(WriteTooBig(frame, kMtu, kOwn, out));
  return out;
}

void ExpectTellsTheSender(const IpSpec& ip, size_t payload, size_t longest) {
  const Bytes frame = Data(ip, payload);
  const Bytes answer = Answer(frame);
  const auto packet = wire::ParseFrame(answer);
  ASSERT_TRUE(packet);
  ASSERT_EQ(packet->kind, wire::PacketKind::kIcmp);
  EXPECT_EQ(packet->source, Ip(ip.destination));
  EXPECT_EQ(packet->destination, Ip(ip.source));
  EXPECT_EQ(packet->ip_offset + packet->ip_length, answer.size());
  EXPECT_LE(packet->ip_length, longest);
  EXPECT_TRUE(std::equal(kOwn.bytes.begin(), kOwn.bytes.end(), answer.begin() + 6));
  EXPECT_TRUE(std::equal(frame.begin() + 6, frame.begin() + 12, answer.begin()));
  const bool v4 = packet->family == IpFamily::kIpv4;
  EXPECT_EQ(v4 ? wire::InternetChecksum(packet->l4())
               : wire::TransportChecksum(packet->source, packet->destination, wire::kProtocolIcmpv6,
                                         packet->l4()),
            0);
  const auto icmp = wire::IcmpView::Parse(packet->family, packet->l4());
  ASSERT_TRUE(icmp);
  EXPECT_EQ(icmp->too_big_mtu(), kMtu);
  const auto quoted = icmp->quoted();
  ASSERT_TRUE(quoted);
  EXPECT_EQ(quoted->source, Ip(ip.source));
  EXPECT_EQ(quoted->destination_port, Port(80));
  EXPECT_TRUE(std::equal(icmp->body().begin(), icmp->body().end(), frame.begin() + 14));
}

TEST(TooBig, TellsTheSender) {
  for (const size_t payload : {size_t{0}, size_t{100}, size_t{1460}}) {
    ExpectTellsTheSender(V4(), payload, 576);
    ExpectTellsTheSender(V6(), payload, 1280);
  }
}

TEST(TooBig, WhoeverMayFragmentIsNotTold) {
  Bytes frame = Data(V4(), 1460);
  frame[14 + 6] = 0;  // DF
  EXPECT_TRUE(Answer(frame).empty());
}

TEST(TooBig, ErrorsAndNobodyGetNoAnswer) {
  EXPECT_TRUE(Answer(BuildIcmp(V4(), Bytes(1400))).empty());
  EXPECT_TRUE(Answer(BuildIcmp(V6(), Bytes(1400))).empty());
  EXPECT_TRUE(Answer(Data({.source = "224.0.0.1", .destination = "198.18.1.1"}, 1460)).empty());
  EXPECT_TRUE(Answer(Data({.source = "::", .destination = "2001:db8:1::1"}, 1460)).empty());
  EXPECT_TRUE(Answer(Bytes(20)).empty());
}

TEST(TooBig, NeedsRoom) {
  EXPECT_TRUE(Answer(Data(V4(), 1460), 100).empty());
  EXPECT_FALSE(Answer(Data(V4(), 1460), 14 + 576).empty());
}

}  // namespace
}  // namespace joinery::forward
