#include "wire/reply/icmp_reply.h"

#include <gtest/gtest.h>

#include "wire/checksum.h"
#include "wire/icmp.h"
#include "wire/ipv4.h"
#include "wire/packet_view.h"
#include "wire/testing/packet_builder.h"

namespace joinery::wire {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): a test's words

constexpr MacAddress kOwn{{2, 0, 0, 0, 0, 9}};

Bytes Request(const char* from, const char* to) {
  return BuildTcp({.ip = {.source = from, .destination = to}});
}

// Odd, so that the checksum has a byte to pad.
const Bytes kBody = {1, 2, 3, 4, 5, 6, 7};

void ExpectReply(const char* from, const char* to) {
  const Bytes request = Request(from, to);
  const auto asked = ParseFrame(request);
  Bytes reply(100);
  reply.resize(EmitIcmpReply(*asked, kOwn, {.type = 3, .code = 1, .rest_of_header = 0xa1b2c3d4},
                             kBody, reply));
  const auto packet = ParseFrame(reply);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->kind, PacketKind::kIcmp);
  EXPECT_EQ(packet->source, Ip(to));
  EXPECT_EQ(packet->destination, Ip(from));
  EXPECT_EQ(packet->ttl, 64);
  EXPECT_EQ(packet->ip_offset + packet->ip_length, reply.size());
  const auto icmp = IcmpView::Parse(packet->family, packet->l4());
  EXPECT_EQ(icmp->type(), 3);
  EXPECT_EQ(icmp->code(), 1);
  EXPECT_EQ(icmp->rest_of_header(), 0xa1b2c3d4);
  EXPECT_EQ(Bytes(icmp->body().begin(), icmp->body().end()), kBody);
  const bool v4 = packet->family == IpFamily::kIpv4;
  if (v4) {
    EXPECT_EQ(InternetChecksum(packet->ip().first(20)), 0);
  }
  EXPECT_EQ(
      v4 ? InternetChecksum(packet->l4())
         : TransportChecksum(packet->source, packet->destination, kProtocolIcmpv6, packet->l4()),
      0);
}

TEST(IcmpReply, GoesBackWithRightChecksums) {
  ExpectReply("198.18.5.5", "198.18.1.1");
  ExpectReply("2001:db8:5::5", "2001:db8:1::1");
}

TEST(IcmpReply, NeedsRoom) {
  const Bytes request = Request("198.18.5.5", "198.18.1.1");
  const auto asked = ParseFrame(request);
  constexpr size_t kNeeded = 14 + 20 + 8 + 7;
  Bytes room(kNeeded);
  EXPECT_EQ(EmitIcmpReply(*asked, kOwn, {}, kBody, room), kNeeded);
  room.pop_back();
  EXPECT_EQ(EmitIcmpReply(*asked, kOwn, {}, kBody, room), 0U);
}

}  // namespace
}  // namespace joinery::wire
