#include "wire/mp_join.h"

#include <gtest/gtest.h>

#include "wire/testing/view_checks.h"

namespace joinery::wire {
namespace {

using testing::Bytes;
using testing::FromHexText;

// The whole contract of a view on one row: accepted, printed, written back, refused when cut.
template <typename View>
void Check(const char* name, const Bytes& bytes, const std::string& text) {
  SCOPED_TRACE(name);
  const auto view = View::Parse(bytes);
  ASSERT_TRUE(view) << ToString(view.error());
  EXPECT_EQ(ToString(*view), text);
  testing::ExpectEmits(
      bytes, [&](auto out) { View::Emit(view->fields(), out.template first<View::kLength>()); });
  testing::ExpectEveryPrefixFails(bytes, View::Parse);
}

TEST(MpJoin, ReadsPrintsAndWritesEachForm) {
  // kind, length, subtype 1 and flags, address ID, token, random
  Check<MpJoinSyn>("SYN", FromHexText("1e 0c 10 01 aabbccdd 00000009"),
                   "mp_join_syn backup=0 address_id=1 token=2864434397 rand=9");
  Check<MpJoinSyn>("SYN of a backup, reserved bits set",
                   FromHexText("1e 0c 1f ff 00000000 ffffffff"),
                   "mp_join_syn backup=1 address_id=255 token=0 rand=4294967295");
  // ... truncated HMAC, random
  Check<MpJoinSynAck>("SYN/ACK", FromHexText("1e 10 11 02 0000000000000005 00000009"),
                      "mp_join_syn_ack backup=1 address_id=2 sender_hmac=5 rand=9");
  // ... 12 reserved bits, HMAC
  Check<MpJoinAck>("ACK", FromHexText("1e 18 1a bc 000102030405060708090a0b0c0d0e0f10111213"),
                   "mp_join_ack sender_hmac=000102030405060708090a0b0c0d0e0f10111213");
}

TEST(MpJoin, HasOneLengthForEachForm) {
  for (size_t length = kMptcpMinLength; length <= 40; ++length) {
    Bytes bytes(length);
    bytes[0] = 30;
    bytes[1] = static_cast<uint8_t>(length);
    bytes[2] = 0x10;
    EXPECT_EQ(MpJoinSyn::Parse(bytes).has_value(), length == 12) << length;
    EXPECT_EQ(MpJoinSynAck::Parse(bytes).has_value(), length == 16) << length;
    EXPECT_EQ(MpJoinAck::Parse(bytes).has_value(), length == 24) << length;
  }
}

TEST(MpJoin, RefusesAnotherSubtype) {
  const Bytes bytes = FromHexText("1e 0c 20 01 aabbccdd 00000009");
  EXPECT_EQ(MpJoinSyn::Parse(bytes).error(), (ParseError{ParseReason::kWrongSubtype, 2}));
}

}  // namespace
}  // namespace joinery::wire
