#include "wire/arp.h"

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

const Row kRows[] = {
    {.name = "request",
     // Ethernet, IPv4, 6, 4, request, sender, target
     .bytes = FromHexText("0001 0800 06 04 0001 020000000001 c6120001 000000000000 c6120002"),
     .text = "arp who-has 198.18.0.2 tell 198.18.0.1 (02:00:00:00:00:01)"},
    {.name = "reply",
     .bytes = FromHexText("0001 0800 06 04 0002 020000000002 c6120002 020000000001 c6120001"),
     .text = "arp 198.18.0.2 is-at 02:00:00:00:00:02"},
    {.name = "an operation of RFC 903",
     .bytes = FromHexText("0001 0800 06 04 0003 020000000002 c6120002 020000000001 c6120001"),
     .text = "arp operation 3 from 198.18.0.2 (02:00:00:00:00:02)"},
};

TEST(Arp, ReadsPrintsAndWritesEveryRow) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.name);
    const auto view = ArpView::Parse(row.bytes);
    ASSERT_TRUE(view) << ToString(view.error());
    EXPECT_EQ(ToString(*view), row.text);
    testing::ExpectEmits(row.bytes, [&](auto out) {
      ArpView::Emit(view->fields(), out.template first<ArpView::kLength>());
    });
    testing::ExpectEveryPrefixFails(row.bytes, ArpView::Parse);
  }
}

TEST(Arp, RefusesOtherHardwareProtocolAndLengths) {
  for (const char* head :
       {"0006 0800 06 04", "0001 86dd 06 04", "0001 0800 08 04", "0001 0800 06 10"}) {
    const Bytes bytes =
        FromHexText(std::string(head) + "0001 020000000001 c6120001 000000000000 c6120002");
    EXPECT_EQ(ArpView::Parse(bytes).error(), (ParseError{ParseReason::kBadArp, 0})) << head;
  }
}

}  // namespace
}  // namespace joinery::wire
