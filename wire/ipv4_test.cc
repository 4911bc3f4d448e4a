#include "wire/ipv4.h"

#include <gtest/gtest.h>

#include "wire/checksum.h"
#include "wire/testing/view_checks.h"

namespace joinery::wire {
namespace {

using testing::Bytes;
using testing::FromHexText;

struct Row {
  const char* name;
  Bytes bytes;  // the header; as long as its header length says
  bool fragment;
  const char* text;
};

const Row kRows[] = {
    {.name = "no options",
     // version 4, header 20, total 20, id 7, DF, ttl 64, TCP, checksum, 198.18.0.1 > 198.18.0.2
     .bytes = FromHexText("45 00 0014 0007 4000 40 06 aeb5 c6120001 c6120002"),
     .fragment = false,
     .text = "ipv4 198.18.0.1 > 198.18.0.2: ttl 64 id 7 len 20 proto 6 [DF]"},
    {.name = "router alert (RFC 2113), ECN, and the reserved flag",
     .bytes = FromHexText("46 03 0018 ffff 8000 01 11 1234 c6120001 c6120002 94040000"),
     .fragment = false,
     .text = "ipv4 198.18.0.1 > 198.18.0.2: ttl 1 id 65535 len 24 proto 17 options 94040000"},
    {.name = "first fragment",
     .bytes = FromHexText("45 00 0014 0001 2000 40 06 0000 c6120001 c6120002"),
     .fragment = true,
     .text = "ipv4 198.18.0.1 > 198.18.0.2: ttl 64 id 1 len 20 proto 6 [MF]"},
    {.name = "last fragment",
     .bytes = FromHexText("45 00 0014 0001 00b9 40 06 0000 c6120001 c6120002"),
     .fragment = true,
     .text = "ipv4 198.18.0.1 > 198.18.0.2: ttl 64 id 1 len 20 proto 6 frag 1480"},
};

TEST(Ipv4, ReadsPrintsAndWritesEveryRow) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.name);
    const auto view = Ipv4View::Parse(row.bytes);
    ASSERT_TRUE(view) << ToString(view.error());
    EXPECT_EQ(view->is_fragment(), row.fragment);
    EXPECT_EQ(view->header_length(), row.bytes.size());
    EXPECT_TRUE(view->payload().empty());
    EXPECT_EQ(ToString(*view), row.text);
    EXPECT_EQ(Ipv4View::EncodedLength(view->fields()), row.bytes.size());
    testing::ExpectEmits(row.bytes, [&](auto out) { Ipv4View::Emit(view->fields(), out); });
    testing::ExpectEveryPrefixFails(row.bytes, Ipv4View::Parse);
  }
  EXPECT_EQ(InternetChecksum(kRows[0].bytes), 0) << "the first row's checksum is a real one";
}

TEST(Ipv4, LeavesOutWhatFollowsThePacket) {
  // total 24: four bytes of payload, then two of Ethernet padding
  const Bytes bytes =
      FromHexText("45 00 0018 0007 0000 40 06 0000 c6120001 c6120002 01020304 0000");
  const auto view = Ipv4View::Parse(bytes);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->payload().size(), 4U);
}

TEST(Ipv4, NamesWhatIsWrong) {
  struct BadRow {
    const char* name;
    Bytes bytes;
    ParseError error;
  };
  const BadRow rows[] = {
      {.name = "version 6",
       .bytes = FromHexText("65 00 0014 0007 4000 40 06 0000 c6120001 c6120002"),
       .error = {ParseReason::kBadIpVersion, 0}},
      {.name = "header length 16",
       .bytes = FromHexText("44 00 0014 0007 4000 40 06 0000 c6120001 c6120002"),
       .error = {ParseReason::kBadIpHeaderLength, 0}},
      {.name = "total length below the header's",
       .bytes = FromHexText("46 00 0014 0007 4000 40 06 0000 c6120001 c6120002 00000000"),
       .error = {ParseReason::kBadIpTotalLength, 2}},
      {.name = "total length past the frame",
       .bytes = FromHexText("45 00 0015 0007 4000 40 06 0000 c6120001 c6120002"),
       .error = {ParseReason::kBadIpTotalLength, 2}},
      {.name = "19 bytes",
       .bytes = FromHexText("45 00 0014 0007 4000 40 06 0000 c6120001 c61200"),
       .error = {ParseReason::kTruncated, 19}},
  };
  for (const BadRow& row : rows) {
    SCOPED_TRACE(row.name);
    const auto view = Ipv4View::Parse(row.bytes);
    ASSERT_FALSE(view);
    EXPECT_EQ(view.error(), row.error) << ToString(view.error());
  }
}

}  // namespace
}  // namespace joinery::wire
