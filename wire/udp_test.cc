#include "wire/udp.h"

#include <gtest/gtest.h>

#include "wire/testing/view_checks.h"

namespace joinery::wire {
namespace {

using testing::Bytes;
using testing::FromHexText;

TEST(Udp, ReadsAndWrites) {
  // 40000 > 53, length 8, checksum
  const Bytes bytes = FromHexText("9c40 0035 0008 1234");
  const auto view = UdpView::Parse(bytes);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->source_port(), Port(40000));
  EXPECT_EQ(view->destination_port(), Port(53));
  EXPECT_EQ(view->checksum(), 0x1234);
  testing::ExpectEmits(bytes, [&](auto out) {
    UdpView::Emit(view->fields(), out.template first<UdpView::kLength>());
  });
  testing::ExpectEveryPrefixFails(bytes, UdpView::Parse);
}

TEST(Udp, PayloadEndsWhereTheLengthSays) {
  const Bytes bytes = FromHexText("9c40 0035 0009 0000 aa bb");
  const auto view = UdpView::Parse(bytes);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->payload().size(), 1U);
}

TEST(Udp, NamesWhatIsWrong) {
  for (const char* text : {"9c40 0035 0007 0000", "9c40 0035 0009 0000"}) {
    const Bytes bytes = FromHexText(text);
    EXPECT_EQ(UdpView::Parse(bytes).error(), (ParseError{ParseReason::kBadUdpLength, 4})) << text;
  }
}

}  // namespace
}  // namespace joinery::wire
