#include "wire/tcp_option.h"

#include <gtest/gtest.h>

#include "wire/testing/packet_builder.h"

namespace joinery::wire {
namespace {

using testing::Bytes;

struct Row {
  const char* name;
  Bytes list;
  std::vector<uint8_t> kinds;
  std::optional<ParseError> error;
};

const Row kRows[] = {
    {.name = "empty list", .list = {}, .kinds = {}, .error = {}},
    {.name = "only no-operations", .list = {1, 1, 1, 1}, .kinds = {}, .error = {}},
    {.name = "a Linux SYN's",
     // mss 1460, sackOK, TS, nop, wscale 7
     .list = {2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7},
     .kinds = {2, 4, 8, 3},
     .error = {}},
    {.name = "eol hides the rest",
     // nop, eol, (kind 30 after it)
     .list = {1, 0, 30, 2},
     .kinds = {},
     .error = {}},
    {.name = "kind without length",
     // nop, kind 30, nothing
     .list = {1, 30},
     .kinds = {},
     .error = ParseError{ParseReason::kTruncated, 1}},
    {.name = "length 0",
     .list = {30, 0, 1, 1},
     .kinds = {},
     .error = ParseError{ParseReason::kOptionLengthBelow2, 0}},
    {.name = "length 1",
     .list = {1, 30, 1, 1},
     .kinds = {},
     .error = ParseError{ParseReason::kOptionLengthBelow2, 1}},
    {.name = "length 2 carries nothing and is well",
     .list = {4, 2, 4, 2},
     .kinds = {4, 4},
     .error = {}},
    {.name = "what came before a malformed option counts",
     // sackOK, then kind 30 with one byte too many
     .list = {4, 2, 30, 3},
     .kinds = {4},
     .error = ParseError{ParseReason::kOptionPastEnd, 2}},
    {.name = "an option that ends with the list",
     .list = {1, 30, 3, 0},
     .kinds = {30},
     .error = {}},
    {.name = "length 255",
     .list = {30, 255, 0, 0},
     .kinds = {},
     .error = ParseError{ParseReason::kOptionPastEnd, 0}},
};

TEST(TcpOptionCursor, WalksEveryRow) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.name);
    TcpOptionCursor cursor(row.list);
    std::vector<uint8_t> kinds;
    while (cursor.Next()) {
      kinds.push_back(cursor.option().kind);
      EXPECT_EQ(cursor.option().bytes[0], cursor.option().kind);
      EXPECT_EQ(cursor.option().bytes[1], cursor.option().bytes.size());
    }
    EXPECT_EQ(kinds, row.kinds);
    EXPECT_EQ(cursor.error(), row.error);
    EXPECT_FALSE(cursor.Next()) << "the walk stays at its end";
  }
}

}  // namespace
}  // namespace joinery::wire
