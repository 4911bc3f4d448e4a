#include "wire/ipv6.h"

#include <gtest/gtest.h>

#include "wire/ipv6_extensions.h"
#include "wire/testing/view_checks.h"

namespace joinery::wire {
namespace {

using testing::Bytes;
using testing::FromHexText;

constexpr const char* kAddresses =
    "20010db8000000000000000000000001 20010db8000000000000000000000002";

TEST(Ipv6, ReadsPrintsAndWrites) {
  // version 6, class 0x2e, flow 0xabcde, payload 0, TCP, hop limit 63
  const Bytes bytes = FromHexText(std::string("62eabcde 0000 06 3f ") + kAddresses);
  const auto view = Ipv6View::Parse(bytes);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->traffic_class(), 0x2e);
  EXPECT_EQ(ToString(*view), "ipv6 2001:db8::1 > 2001:db8::2: hlim 63 flow 0xabcde len 0 next 6");
  testing::ExpectEmits(bytes, [&](auto out) {
    Ipv6View::Emit(view->fields(), out.template first<Ipv6View::kLength>());
  });
  testing::ExpectEveryPrefixFails(bytes, Ipv6View::Parse);
}

TEST(Ipv6, NamesWhatIsWrong) {
  const Bytes version = FromHexText(std::string("42eabcde 0000 06 3f ") + kAddresses);
  EXPECT_EQ(Ipv6View::Parse(version).error(), (ParseError{ParseReason::kBadIpVersion, 0}));
  const Bytes length = FromHexText(std::string("60000000 0005 06 3f ") + kAddresses + "01020304");
  EXPECT_EQ(Ipv6View::Parse(length).error(), (ParseError{ParseReason::kBadIpTotalLength, 4}));
  Bytes huge = FromHexText(std::string("60000000 ffff 06 3f ") + kAddresses);
  huge.resize(Ipv6View::kLength + 0xffff);
  EXPECT_EQ(Ipv6View::Parse(huge).error(), (ParseError{ParseReason::kBadIpTotalLength, 4}));
}

struct ChainRow {
  const char* name;
  uint8_t next_header;
  Bytes payload;
  Ipv6Upper upper;
};

const ChainRow kChains[] = {
    {.name = "none", .next_header = 6, .payload = {}, .upper = {.protocol = 6, .offset = 0}},
    {.name = "hop-by-hop, then destination options, then UDP",
     .next_header = 0,
     // next 60, 8 bytes, PadN; next 17, 16 bytes
     .payload = FromHexText("3c 00 010400000000 11 01 010c000000000000000000000000"),
     .upper = {.protocol = 17, .offset = 24}},
    {.name = "routing header",
     .next_header = 43,
     .payload = FromHexText("06 00 000000000000"),
     .upper = {.protocol = 6, .offset = 8}},
    {.name = "authentication header counts in units of 4",
     .next_header = 51,
     // next 6, length 1 + 2 = 3 words
     .payload = FromHexText("06 01 0000 00000001 00000001"),
     .upper = {.protocol = 6, .offset = 12}},
    {.name = "atomic fragment (RFC 6946) is whole",
     .next_header = 44,
     // next 6, offset 0, M clear; the two reserved bits are set
     .payload = FromHexText("06 00 0006 12345678"),
     .upper = {.protocol = 6, .offset = 8}},
    {.name = "first fragment",
     .next_header = 44,
     .payload = FromHexText("06 00 0001 12345678"),
     .upper = {.protocol = 6, .offset = 8, .fragment = true}},
    {.name = "last fragment stops the walk, although an extension seems to follow",
     .next_header = 44,
     .payload = FromHexText("3c 00 0008 12345678"),
     .upper = {.protocol = 60, .offset = 8, .fragment = true}},
    {.name = "ESP hides the rest",
     .next_header = 50,
     .payload = FromHexText("0000000100000001"),
     .upper = {.protocol = 50, .offset = 0}},
    {.name = "no next header",
     .next_header = 60,
     .payload = FromHexText("3b 00 010400000000"),
     .upper = {.protocol = 59, .offset = 8}},
};

TEST(Ipv6Extensions, WalksEveryRow) {
  for (const ChainRow& row : kChains) {
    SCOPED_TRACE(row.name);
    const auto upper = WalkIpv6Extensions(row.next_header, row.payload);
    ASSERT_TRUE(upper) << ToString(upper.error());
    EXPECT_EQ(upper->protocol, row.upper.protocol);
    EXPECT_EQ(upper->offset, row.upper.offset);
    EXPECT_EQ(upper->fragment, row.upper.fragment);
    testing::ExpectEveryPrefixFails(
        {row.payload.begin(), row.payload.begin() + static_cast<std::ptrdiff_t>(upper->offset)},
        [&](std::span<const uint8_t> p) { return WalkIpv6Extensions(row.next_header, p); });
  }
}

TEST(Ipv6Extensions, StopsAtTheLimit) {
  Bytes chain;
  for (size_t i = 0; i < kMaxIpv6Extensions; ++i) {
    chain.insert(chain.end(), {60, 0, 1, 4, 0, 0, 0, 0});
  }
  Bytes legal = chain;
  legal[(kMaxIpv6Extensions - 1) * 8] = 6;
  EXPECT_EQ(WalkIpv6Extensions(60, legal)->protocol, 6);
  chain.insert(chain.end(), {6, 0, 1, 4, 0, 0, 0, 0});
  EXPECT_EQ(WalkIpv6Extensions(60, chain).error(),
            (ParseError{ParseReason::kIpv6ExtensionLimit, 64}));
}

}  // namespace
}  // namespace joinery::wire
