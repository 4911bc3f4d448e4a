#include "lb/forward/ttl.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/big_endian.h"
#include "base/random.h"
#include "wire/checksum.h"
#include "wire/ipv4.h"
#include "wire/testing/packet_builder.h"

namespace joinery::forward {
namespace {

using wire::Ipv4View;
using wire::testing::Bytes;

constexpr size_t kEthernet = 14;

// Every header: the incremental checksum is what a sum over all of it gives, and nothing but TTL
// and checksum has changed.
TEST(DecrementTtl, KeepsTheIpv4ChecksumRight) {
  SeededRandom random(1);
  for (int i = 0; i < 100'000; ++i) {
    Bytes header(Ipv4View::kMinLength);
    random.Fill(header);
    header[0] = 0x45;
    header[Ipv4View::kTimeToLive] |= 1;  // at least 1
    StoreBe16(&header[Ipv4View::kHeaderChecksum], 0);
    StoreBe16(&header[Ipv4View::kHeaderChecksum], wire::InternetChecksum(header));
    Bytes expected = header;
    --expected[Ipv4View::kTimeToLive];
    StoreBe16(&expected[Ipv4View::kHeaderChecksum], 0);
    StoreBe16(&expected[Ipv4View::kHeaderChecksum], wire::InternetChecksum(expected));
    DecrementTtl(header);
    ASSERT_EQ(header, expected) << i;
  }
}

// RFC 1624 section 4: the older equation 2 would give 0xffff where a full sum gives 0x0000.
TEST(DecrementTtl, TheCornerOfRfc1624) {
  Bytes header(Ipv4View::kMinLength);
  header[0] = 0x45;
  header[Ipv4View::kTimeToLive] = 2;
  StoreBe16(&header[Ipv4View::kIdentification], 0xffff - 0x4500 - 0x0100);
  StoreBe16(&header[Ipv4View::kHeaderChecksum], wire::InternetChecksum(header));
  DecrementTtl(header);
  EXPECT_EQ(LoadBe16(&header[Ipv4View::kHeaderChecksum]), 0x0000);
  EXPECT_EQ(wire::InternetChecksum(header), 0);
}

// A sum that was wrong stays wrong, so the backend drops the packet and not the balancer's word.
TEST(DecrementTtl, AWrongChecksumStaysWrong) {
  Bytes frame = wire::testing::BuildTcp({});
  frame[kEthernet + Ipv4View::kHeaderChecksum] ^= 0x10;
  const std::span<uint8_t> packet = std::span(frame).subspan(kEthernet);
  DecrementTtl(packet);
  EXPECT_NE(wire::InternetChecksum(packet.first(Ipv4View::kMinLength)), 0);
}

TEST(DecrementTtl, Ipv6ChangesTheHopLimitOnly) {
  Bytes frame = wire::testing::BuildTcp(
      {.ip = {.source = "2001:db8::1", .destination = "2001:db8::2", .ttl = 1}});
  Bytes expected = frame;
  expected[kEthernet + 7] = 0;
  DecrementTtl(std::span(frame).subspan(kEthernet));
  EXPECT_EQ(frame, expected);
}

}  // namespace
}  // namespace joinery::forward
