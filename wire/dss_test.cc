#include "wire/dss.h"

#include <gtest/gtest.h>

#include "wire/testing/view_checks.h"

namespace joinery::wire {
namespace {

using testing::Bytes;
using testing::FromHexText;

struct Row {
  const char* name;
  Bytes bytes;
  const char* text;
};

// All of RFC 8684 section 3.3.1's combinations of A, a, M, m, and some with F and a checksum.
const Row kRows[] = {
    {"nothing", FromHexText("1e 04 20 00"), "dss"},
    {"ack of 4", FromHexText("1e 08 20 01 00000001"), "dss dack4=1"},
    {"ack of 8", FromHexText("1e 0c 20 03 0000000000000001"), "dss dack8=1"},
    {"mapping of 4", FromHexText("1e 0e 20 04 00000002 00000003 0064"),
     "dss dsn4=2 ssn=3 dll=100 nocs"},
    {"mapping of 4, checksum", FromHexText("1e 10 20 04 00000002 00000003 0064 abcd"),
     "dss dsn4=2 ssn=3 dll=100 checksum=43981"},
    {"mapping of 8", FromHexText("1e 12 20 0c 0000000000000002 00000003 0064"),
     "dss dsn8=2 ssn=3 dll=100 nocs"},
    {"both of 4", FromHexText("1e 12 20 05 00000001 00000002 00000003 0064"),
     "dss dack4=1 dsn4=2 ssn=3 dll=100 nocs"},
    {"ack of 4, mapping of 8", FromHexText("1e 16 20 0d 00000001 0000000000000002 00000003 0064"),
     "dss dack4=1 dsn8=2 ssn=3 dll=100 nocs"},
    {"ack of 8, mapping of 4", FromHexText("1e 16 20 07 0000000000000001 00000002 00000003 0064"),
     "dss dack8=1 dsn4=2 ssn=3 dll=100 nocs"},
    {"both of 8, checksum, DATA_FIN",
     FromHexText("1e 1c 20 1f 0000000000000001 0000000000000002 00000003 0001 abcd"),
     "dss dack8=1 dsn8=2 ssn=3 dll=1 checksum=43981 fin"},
    {"reserved bits are kept", FromHexText("1e 08 2a e1 00000001"), "dss dack4=1"},
};

TEST(Dss, ReadsPrintsAndWritesEveryRow) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.name);
    const auto view = Dss::Parse(row.bytes);
    ASSERT_TRUE(view) << ToString(view.error());
    EXPECT_EQ(ToString(*view), row.text);
    EXPECT_EQ(Dss::EncodedLength(view->fields()), row.bytes.size());
    testing::ExpectEmits(row.bytes, [&](auto out) { Dss::Emit(view->fields(), out); });
    testing::ExpectEveryPrefixFails(row.bytes, Dss::Parse);
  }
}

TEST(Dss, HasFlags) { EXPECT_FALSE(Dss::Parse(FromHexText("1e 03 20"))); }

// The length is what the flags say, or 2 more, as Linux reads it: for every flag byte.
TEST(Dss, FlagsSayTheLength) {
  for (uint8_t flags = 0; flags < 0x20; ++flags) {
    size_t expected = 4;
    if ((flags & 1) != 0) expected += (flags & 2) != 0 ? 8 : 4;
    if ((flags & 4) != 0) expected += (flags & 8) != 0 ? 14 : 10;
    for (size_t length = 4; length <= 40; ++length) {
      Bytes bytes(length);
      bytes[0] = 30;
      bytes[1] = static_cast<uint8_t>(length);
      bytes[2] = 0x20;
      bytes[3] = flags;
      EXPECT_EQ(Dss::Parse(bytes).has_value(), length == expected || length == expected + 2)
          << "flags " << int{flags} << " length " << length;
    }
  }
}

}  // namespace
}  // namespace joinery::wire
