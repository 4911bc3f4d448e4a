#include "wire/gue.h"

#include <gtest/gtest.h>

#include "wire/testing/view_checks.h"

namespace joinery::wire {
namespace {

using testing::Bytes;
using testing::FromHexText;

struct Row {
  const char* name;
  Bytes header;
  Bytes inner;
  uint8_t proto_ctype;
  const char* text;
};

const Row kRows[] = {
    {"variant 1, IPv4", {}, FromHexText("45000014"), 4, "gue variant 1 proto 4"},
    {"variant 1, IPv6", {}, FromHexText("60000000"), 41, "gue variant 1 proto 41"},
    {"variant 1, no IP version", {}, FromHexText("50000000"), 0, "gue variant 1 proto 0"},
    {"variant 0, no extensions", FromHexText("00 04 0000"), FromHexText("45000014"), 4,
     "gue variant 0 proto 4 flags 0x0000"},
    {"variant 0, two next hops as private data", FromHexText("02 04 0000 c6120003 c6120004"),
     FromHexText("45000014"), 4, "gue variant 0 proto 4 flags 0x0000 private c6120003c6120004"},
    {"variant 0, a control message",
     FromHexText("20 01 8000"),
     {},
     1,
     "gue variant 0 control 1 flags 0x8000"},
};

TEST(Gue, ReadsPrintsAndWritesEveryRow) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.name);
    const Bytes payload = testing::Join({row.header, row.inner});
    const auto view = GueView::Parse(payload);
    ASSERT_TRUE(view) << ToString(view.error());
    EXPECT_EQ(view->proto_ctype(), row.proto_ctype);
    EXPECT_EQ(Bytes(view->inner().begin(), view->inner().end()), row.inner);
    EXPECT_EQ(ToString(*view), row.text);
    EXPECT_EQ(GueView::EncodedLength(view->fields()), row.header.size());
    testing::ExpectEmits(row.header, [&](auto out) { GueView::Emit(view->fields(), out); });
    testing::ExpectEveryPrefixFails(row.header, GueView::Parse);
  }
}

TEST(Gue, NamesWhatIsWrong) {
  EXPECT_EQ(GueView::Parse({}).error(), (ParseError{ParseReason::kTruncated, 0}));
  for (const uint8_t first : {uint8_t{0x80}, uint8_t{0xc0}}) {
    const Bytes bytes = {first, 0, 0, 0};
    EXPECT_EQ(GueView::Parse(bytes).error(), (ParseError{ParseReason::kBadGueVariant, 0}));
  }
}

}  // namespace
}  // namespace joinery::wire
