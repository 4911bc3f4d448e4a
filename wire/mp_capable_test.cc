#include "wire/mp_capable.h"

#include <gtest/gtest.h>

#include "wire/testing/view_checks.h"

namespace joinery::wire {
namespace {

using testing::Bytes;
using testing::FromHexText;

struct Row {
  const char* name;
  Bytes bytes;
  SegmentRole role;
  const char* text;
};

constexpr SegmentRole kSynOnly = SegmentRole::kSynOnly;
constexpr SegmentRole kSynAck = SegmentRole::kSynAck;
constexpr SegmentRole kAckOnly = SegmentRole::kAckOnly;
constexpr SegmentRole kAckData = SegmentRole::kAckData;

// docs/protocol.md section 1, row by row.
const Row kRows[] = {
    {"v1 SYN", FromHexText("1e 04 01 01"), kSynOnly, "mpcapable v1 flags[flag_h] nokey"},
    {"v1 SYN with checksum and deny-join-id0", FromHexText("1e 04 01 a1"), kSynOnly,
     "mpcapable v1 flags[flag_a,flag_c,flag_h] nokey"},
    {"v2 SYN, which is answered with v1", FromHexText("1e 04 02 01"), kSynOnly,
     "mpcapable v2 flags[flag_h] nokey"},
    {"v1 SYN/ACK: key B", FromHexText("1e 0c 01 01 0000000000000002"), kSynAck,
     "mpcapable v1 flags[flag_h] key[2]"},
    {"v1 ACK: both keys", FromHexText("1e 14 01 01 0000000000000001 0000000000000002"), kAckOnly,
     "mpcapable v1 flags[flag_h] key[1,2]"},
    {"v1 ACK with data", FromHexText("1e 16 01 01 0000000000000001 0000000000000002 0064"),
     kAckData, "mpcapable v1 flags[flag_h] key[1,2] mpcdatalen 100"},
    {"v1 ACK with data and checksum",
     FromHexText("1e 18 01 81 0000000000000001 0000000000000002 0064 1234"), kAckData,
     "mpcapable v1 flags[flag_a,flag_h] key[1,2] mpcdatalen 100 checksum 4660"},
    {"v0 SYN: key A", FromHexText("1e 0c 00 81 0000000000000001"), kSynOnly,
     "mpcapable v0 flags[flag_a,flag_h] key[1]"},
    {"v0 SYN/ACK: key B", FromHexText("1e 0c 00 01 0000000000000002"), kSynAck,
     "mpcapable v0 flags[flag_h] key[2]"},
    {"v0 ACK: both keys", FromHexText("1e 14 00 01 0000000000000001 0000000000000002"), kAckOnly,
     "mpcapable v0 flags[flag_h] key[1,2]"},
    {"v0 ACK with data has the same length",
     FromHexText("1e 14 00 01 0000000000000001 0000000000000002"), kAckData,
     "mpcapable v0 flags[flag_h] key[1,2]"},
    {"paasch2016 SYN", FromHexText("1e 04 01 03"), kSynOnly,
     "mpcapable v1 flags[flag_g,flag_h] nokey"},
    {"paasch2016 SYN/ACK: token B", FromHexText("1e 08 01 03 00000002"), kSynAck,
     "mpcapable v1 flags[flag_g,flag_h] token[2]"},
    {"paasch2016 ACK: both tokens", FromHexText("1e 0c 01 03 00000001 00000002"), kAckOnly,
     "mpcapable v1 flags[flag_g,flag_h] token[1,2]"},
    {"paasch2016 ACK with data", FromHexText("1e 0e 01 03 00000001 00000002 0064"), kAckData,
     "mpcapable v1 flags[flag_g,flag_h] token[1,2] mpcdatalen 100"},
    {"paasch2016 ACK with data and checksum",
     FromHexText("1e 10 01 83 00000001 00000002 0064 1234"), kAckData,
     "mpcapable v1 flags[flag_a,flag_g,flag_h] token[1,2] mpcdatalen 100 checksum 4660"},
    {"baerts2025 SYN", FromHexText("1e 04 01 09"), kSynOnly,
     "mpcapable v1 flags[flag_e,flag_h] nokey"},
    {"baerts2025 ACK: both tokens", FromHexText("1e 0c 01 09 00000001 00000002"), kAckOnly,
     "mpcapable v1 flags[flag_e,flag_h] token[1,2]"},
};

TEST(MpCapable, ReadsPrintsAndWritesEveryRow) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.name);
    const auto view = MpCapable::Parse(row.bytes, row.role);
    ASSERT_TRUE(view) << ToString(view.error());
    EXPECT_EQ(ToString(*view), row.text);
    EXPECT_EQ(MpCapable::EncodedLength(view->fields()), row.bytes.size());
    testing::ExpectEmits(row.bytes, [&](auto out) { MpCapable::Emit(view->fields(), out); });
    testing::ExpectEveryPrefixFails(
        row.bytes, [&](std::span<const uint8_t> b) { return MpCapable::Parse(b, row.role); });
  }
}

// Whatever the role, the version and the flags: only the lengths of the table are read.
TEST(MpCapable, ReadsNoOtherLength) {
  struct LengthsRow {
    const char* name;
    SegmentRole role;
    uint8_t version;
    uint8_t flags;
    std::vector<size_t> lengths;
  };
  const LengthsRow rows[] = {
      {"v1 SYN", kSynOnly, 1, 0x01, {4}},        {"v1 SYN/ACK", kSynAck, 1, 0x01, {12}},
      {"v1 ACK", kAckOnly, 1, 0x01, {20}},       {"v1 ACK and data", kAckData, 1, 0x01, {22, 24}},
      {"v0 SYN", kSynOnly, 0, 0x01, {12}},       {"v0 SYN/ACK", kSynAck, 0, 0x01, {12}},
      {"v0 ACK", kAckOnly, 0, 0x01, {20}},       {"v0 ACK and data", kAckData, 0, 0x01, {20}},
      {"explicit SYN", kSynOnly, 1, 0x03, {4}},  {"explicit SYN/ACK", kSynAck, 1, 0x03, {8}},
      {"explicit ACK", kAckOnly, 1, 0x03, {12}}, {"explicit data", kAckData, 1, 0x09, {14, 16}},
  };
  for (const LengthsRow& row : rows) {
    SCOPED_TRACE(row.name);
    std::vector<size_t> read;
    for (size_t length = kMptcpMinLength; length <= 40; ++length) {
      Bytes bytes(length);
      bytes[0] = 30;
      bytes[1] = static_cast<uint8_t>(length);
      bytes[2] = row.version;
      if (length > MpCapable::kFlags) bytes[3] = row.flags;
      const auto view = MpCapable::Parse(bytes, row.role);
      if (view) {
        read.push_back(length);
      } else {
        EXPECT_EQ(view.error(), (ParseError{ParseReason::kWrongLength, 1}));
      }
    }
    EXPECT_EQ(read, row.lengths);
  }
}

TEST(MpCapable, NamesWhatIsWrong) {
  struct BadRow {
    const char* name;
    Bytes bytes;
    SegmentRole role;
    ParseError error;
  };
  const ParseError flags{ParseReason::kBadMpCapableFlags, 3};
  const BadRow rows[] = {
      {"another subtype", FromHexText("1e 04 11 01"), kSynOnly, {ParseReason::kWrongSubtype, 2}},
      {"a length byte that lies",
       FromHexText("1e 05 01 01"),
       kSynOnly,
       {ParseReason::kWrongLength, 1}},
      {"v2 in a SYN/ACK",
       FromHexText("1e 0c 02 01 0000000000000002"),
       kSynAck,
       {ParseReason::kBadMpCapableVersion, 2}},
      {"no algorithm", FromHexText("1e 04 01 00"), kSynOnly, flags},
      {"B: an extension that nobody knows", FromHexText("1e 04 01 41"), kSynOnly, flags},
      {"G without H", FromHexText("1e 04 01 02"), kSynOnly, flags},
      {"E without H", FromHexText("1e 04 01 08"), kSynOnly, flags},
      {"both explicit profiles", FromHexText("1e 04 01 0b"), kSynOnly, flags},
      {"D, of no meaning", FromHexText("1e 04 01 11"), kSynOnly, flags},
      {"explicit in v0", FromHexText("1e 0c 00 03 0000000000000001"), kSynOnly, flags},
  };
  for (const BadRow& row : rows) {
    SCOPED_TRACE(row.name);
    const auto view = MpCapable::Parse(row.bytes, row.role);
    ASSERT_FALSE(view);
    EXPECT_EQ(view.error(), row.error) << ToString(view.error());
  }
}

}  // namespace
}  // namespace joinery::wire
