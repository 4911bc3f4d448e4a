#include "wire/checksum.h"

#include <gtest/gtest.h>

#include "base/big_endian.h"
#include "base/random.h"
#include "wire/testing/packet_builder.h"

namespace joinery::wire {
namespace {

using testing::Bytes;
using testing::FromHexText;
using testing::Ip;

// The slow, obvious twin: one byte at a time, carry added at once.
uint16_t SlowSum(std::span<const uint8_t> bytes, uint16_t initial) {
  uint32_t sum = initial;
  for (size_t i = 0; i < bytes.size(); ++i) {
    sum += i % 2 == 0 ? bytes[i] << 8 : bytes[i];
    if (sum > 0xffff) sum -= 0xffff;
  }
  return static_cast<uint16_t>(sum);
}

TEST(Checksum, IsTheExampleOfRfc1071Section3) {
  EXPECT_EQ(OnesComplementSum(FromHexText("0001 f203 f4f5 f6f7")), 0xddf2);
  EXPECT_EQ(InternetChecksum(FromHexText("0001 f203 f4f5 f6f7")), 0x220d);
}

TEST(Checksum, EqualsTheSlowTwinAtEveryLength) {
  SeededRandom random(1);
  for (size_t length = 0; length <= 70; ++length) {
    Bytes bytes(length);
    random.Fill(bytes);
    const auto initial = static_cast<uint16_t>(random.Uint32());
    // 0 and 0xffff are the same number in one's complement; only an empty sum may show the first.
    EXPECT_EQ(OnesComplementSum(bytes, initial) % 0xffff, SlowSum(bytes, initial) % 0xffff)
        << length;
  }
  const Bytes ones(65536, 0xff);
  EXPECT_EQ(OnesComplementSum(ones), 0xffff);
}

TEST(Checksum, UpdateIsTheExampleOfRfc1624Section4) {
  // HC 0xdd2f, m 0x5555, m' 0x3285: the new checksum is 0x0000, not 0xffff.
  EXPECT_EQ(UpdateChecksum(0xdd2f, 0x5555, 0x3285), 0x0000);
}

TEST(Checksum, UpdateEqualsComputingAfresh) {
  SeededRandom random(2);
  for (int i = 0; i < 10000; ++i) {
    Bytes header(20);
    random.Fill(header);
    StoreBe16(&header[10], 0);
    const uint16_t checksum = InternetChecksum(header);
    const uint16_t before = LoadBe16(&header[8]);
    const auto after = static_cast<uint16_t>(random.Uint32());
    StoreBe16(&header[8], after);
    EXPECT_EQ(UpdateChecksum(checksum, before, after), InternetChecksum(header));
  }
}

TEST(Checksum, TransportCoversThePseudoHeader) {
  // A DNS query over each family, sums computed by hand.
  const Bytes datagram = FromHexText("9c40 0035 000c 0000 01020304");
  const uint16_t v4 = TransportChecksum(Ip("198.18.0.1"), Ip("198.18.0.2"), 17, datagram);
  const uint16_t v6 = TransportChecksum(Ip("2001:db8::1"), Ip("2001:db8::2"), 17, datagram);
  EXPECT_EQ(v4, 0xd332);
  EXPECT_EQ(v6, 0x03e6);
}

}  // namespace
}  // namespace joinery::wire
