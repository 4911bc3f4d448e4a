#include "wire/tcp.h"

#include <gtest/gtest.h>

#include "wire/testing/view_checks.h"

namespace joinery::wire {
namespace {

using testing::Bytes;
using testing::FromHexText;

TEST(Tcp, ReadsAndWrites) {
  // 40000 > 80, seq 1, ack 2, header 24, reserved 0xf, flags all, win 3, sum, urgent 4, nop x4
  const Bytes bytes = FromHexText("9c40 0050 00000001 00000002 6f ff 0003 1234 0004 01010101");
  const auto view = TcpView::Parse(bytes);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->source_port(), Port(40000));
  EXPECT_EQ(view->destination_port(), Port(80));
  EXPECT_EQ(view->sequence_number(), SeqNumber(1));
  EXPECT_EQ(view->acknowledgment_number(), SeqNumber(2));
  EXPECT_EQ(view->reserved(), 0xf);
  EXPECT_EQ(view->flags(), 0xff);
  EXPECT_EQ(view->window(), 3);
  EXPECT_EQ(view->checksum(), 0x1234);
  EXPECT_EQ(view->urgent_pointer(), 4);
  EXPECT_EQ(view->options().size(), 4U);
  EXPECT_TRUE(view->payload().empty());
  EXPECT_EQ(TcpView::EncodedLength(view->fields()), bytes.size());
  testing::ExpectEmits(bytes, [&](auto out) { TcpView::Emit(view->fields(), out); });
  testing::ExpectEveryPrefixFails(bytes, TcpView::Parse);
}

TEST(Tcp, NamesWhatIsWrong) {
  struct Row {
    const char* name;
    Bytes bytes;
    ParseError error;
  };
  const Row rows[] = {
      {.name = "data offset 16",
       .bytes = FromHexText("9c40 0050 00000001 00000002 40 10 0003 0000 0000"),
       .error = {ParseReason::kBadTcpDataOffset, 12}},
      {.name = "data offset past the segment",
       .bytes = FromHexText("9c40 0050 00000001 00000002 60 10 0003 0000 0000 010101"),
       .error = {ParseReason::kBadTcpDataOffset, 12}},
      {.name = "19 bytes",
       .bytes = FromHexText("9c40 0050 00000001 00000002 50 10 0003 0000 00"),
       .error = {ParseReason::kTruncated, 19}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const auto view = TcpView::Parse(row.bytes);
    ASSERT_FALSE(view);
    EXPECT_EQ(view.error(), row.error) << ToString(view.error());
  }
}

}  // namespace
}  // namespace joinery::wire
