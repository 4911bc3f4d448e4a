#include "wire/tcp_options.h"

#include <gtest/gtest.h>

#include "wire/testing/packet_builder.h"

namespace joinery::wire {
namespace {

using testing::Bytes;
using testing::Join;
using testing::MpCapableKeysDataOption;
using testing::MpCapableKeysOption;
using testing::MpCapableSynOption;
using testing::MpCapableTokensOption;
using testing::MpJoinSynOption;
using testing::TimestampsOption;

constexpr Token kToken(0xaabbccdd);
constexpr Token kOtherToken(0x11111111);
constexpr uint64_t kKeyA = 0x0102030405060708;
constexpr uint64_t kKeyB = 0x1112131415161718;

// What a row expects; what it does not name is as in TcpOptions{}.
struct Row {
  const char* name;
  Bytes options;
  uint8_t flags = kAck;
  bool payload = false;
  std::optional<Timestamps> timestamps = {};
  std::optional<Token> join_token = {};
  MpCapableForm mp_capable = MpCapableForm::kNone;
  uint8_t mp_version = 0;
  Token receiver_token = {};
  uint64_t receiver_key = 0;
  std::optional<uint64_t> fastclose_key = {};
  bool ambiguous = false;
  bool bad_mptcp = false;
  bool malformed = false;
};

void Check(std::span<const Row> rows) {
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Bytes frame = testing::BuildTcp(
        {.flags = row.flags, .options = row.options, .payload = Bytes(row.payload ? 1 : 0)});
    const auto packet = ParseFrame(frame);
    ASSERT_TRUE(packet);
    const TcpOptions got = ScanTcpOptions(*packet);
    EXPECT_EQ(got.timestamps, row.timestamps);
    EXPECT_EQ(got.join_token, row.join_token);
    EXPECT_EQ(got.mp_capable, row.mp_capable);
    EXPECT_EQ(got.mp_version, row.mp_version);
    EXPECT_EQ(got.receiver_token, row.receiver_token);
    EXPECT_EQ(got.receiver_key, row.receiver_key);
    EXPECT_EQ(got.fastclose_key, row.fastclose_key);
    EXPECT_EQ(got.ambiguous, row.ambiguous);
    EXPECT_EQ(got.bad_mptcp, row.bad_mptcp);
    EXPECT_EQ(got.malformed, row.malformed);
  }
}

TEST(ScanTcpOptions, ReadsTimestampsAsTcpParseOptionsDoes) {
  const Row rows[] = {
      {.name = "nop, nop, TS",
       .options = Join({{1, 1}, TimestampsOption(7, 9)}),
       .timestamps = Timestamps{7, 9}},
      {.name = "the last of two wins",
       .options = Join({TimestampsOption(1, 2), TimestampsOption(3, 4)}),
       .timestamps = Timestamps{3, 4}},
      {.name = "a wrong length is passed over, the walk goes on",
       .options = Join({{8, 3, 0, 1}, TimestampsOption(3, 4)}),
       .timestamps = Timestamps{3, 4}},
      {.name = "nothing after end of list", .options = Join({{0, 1}, TimestampsOption(3, 4)})},
      {.name = "nothing after a malformed option; what was before counts",
       .options = Join({TimestampsOption(1, 2), {2, 0}, TimestampsOption(3, 4)}),
       .timestamps = Timestamps{1, 2},
       .malformed = true},
      {.name = "a lone kind at the very end", .options = {1, 1, 1, 30}, .malformed = true},
  };
  Check(rows);
}

TEST(ScanTcpOptions, ReadsTheJoinTokenOfASyn) {
  const Row rows[] = {
      {.name = "SYN",
       .options = Join({TimestampsOption(7, 0), MpJoinSynOption(kToken)}),
       .flags = kSyn,
       .timestamps = Timestamps{7, 0},
       .join_token = kToken},
      {.name = "backup bit and reserved bits do not matter",
       .options =
           [] {
             Bytes option = MpJoinSynOption(kToken);
             option[2] |= 0x0f;
             return option;
           }(),
       .flags = kSyn | kEce | kCwr,
       .join_token = kToken},
      {.name = "not in a SYN/ACK", .options = MpJoinSynOption(kToken), .flags = kSyn | kAck},
      {.name = "not in an ACK", .options = MpJoinSynOption(kToken)},
      {.name = "not of length 16", .options = Join({{30, 16, 0x10, 1}, Bytes(12)}), .flags = kSyn},
      {.name = "length 13 is passed over, and the next one read",
       .options = Join({{30, 13, 0x10, 1}, Bytes(9), MpJoinSynOption(kToken)}),
       .flags = kSyn,
       .join_token = kToken,
       .bad_mptcp = true},
  };
  Check(rows);
}

TEST(ScanTcpOptions, ReadsMpCapableByRoleAndPayload) {
  const Row rows[] = {
      {.name = "SYN",
       .options = MpCapableSynOption(),
       .flags = kSyn,
       .mp_capable = MpCapableForm::kOpening,
       .mp_version = 1},
      {.name = "SYN of a later version counts as version 1",
       .options = {30, 4, 0x02, 0x01},
       .flags = kSyn,
       .mp_capable = MpCapableForm::kOpening,
       .mp_version = 1},
      {.name = "SYN of version 0",
       .options = Join({{30, 12, 0x00, 0x81}, Bytes(8)}),
       .flags = kSyn,
       .mp_capable = MpCapableForm::kOpening},
      {.name = "SYN/ACK opens nothing",
       .options = Join({{30, 12, 0x01, 0x01}, Bytes(8)}),
       .flags = kSyn | kAck},
      {.name = "20 without payload",
       .options = MpCapableKeysOption(kKeyA, kKeyB),
       .mp_capable = MpCapableForm::kKeys,
       .mp_version = 1,
       .receiver_key = kKeyB},
      {.name = "20 with payload",
       .options = MpCapableKeysOption(kKeyA, kKeyB),
       .payload = true,
       .bad_mptcp = true},
      {.name = "22 with payload",
       .options = MpCapableKeysDataOption(kKeyA, kKeyB, 1),
       .payload = true,
       .mp_capable = MpCapableForm::kKeys,
       .mp_version = 1,
       .receiver_key = kKeyB},
      {.name = "22 without payload",
       .options = MpCapableKeysDataOption(kKeyA, kKeyB, 1),
       .bad_mptcp = true},
      {.name = "24 with payload",
       .options = Join({{30, 24, 0x01, 0x81}, Bytes(8, 1), Bytes(8, 2), Bytes(4)}),
       .payload = true,
       .mp_capable = MpCapableForm::kKeys,
       .mp_version = 1,
       .receiver_key = 0x0202020202020202},
      {.name = "version 0, 20, with payload",
       .options = Join({{30, 20, 0x00, 0x01}, Bytes(8, 1), Bytes(8, 2)}),
       .payload = true,
       .mp_capable = MpCapableForm::kKeys,
       .receiver_key = 0x0202020202020202},
      {.name = "both tokens, paasch2016",
       .options = MpCapableTokensOption(kOtherToken, kToken),
       .mp_capable = MpCapableForm::kExplicitToken,
       .mp_version = 1,
       .receiver_token = kToken},
      {.name = "both tokens, baerts2025",
       .options = MpCapableTokensOption(kOtherToken, kToken, 0x09),
       .mp_capable = MpCapableForm::kExplicitToken,
       .mp_version = 1,
       .receiver_token = kToken},
      {.name = "both tokens and data",
       .options = Join({{30, 14, 0x01, 0x03, 0, 0, 0, 1, 0, 0, 0, 2, 0, 1}}),
       .payload = true,
       .mp_capable = MpCapableForm::kExplicitToken,
       .mp_version = 1,
       .receiver_token = Token(2)},
      {.name = "tokens under the plain flag are no keys",
       .options = MpCapableTokensOption(kOtherToken, kToken, 0x01),
       .bad_mptcp = true},
      {.name = "the explicit flag without H",
       .options = MpCapableTokensOption(kOtherToken, kToken, 0x02),
       .bad_mptcp = true},
  };
  Check(rows);
}

// Debian 6.1.192's mptcp_parse_option: an option beside which this one may not stand keeps it out.
TEST(ScanTcpOptions, TheFirstWins) {
  const Bytes dss_ack = {30, 8, 0x20, 0x01, 0, 0, 0, 1};
  const Bytes remove_addr = {30, 4, 0x40, 1};
  const Bytes prio = {30, 3, 0x51};
  const Row rows[] = {
      {.name = "of two MP_JOINs",
       .options = Join({MpJoinSynOption(kToken), MpJoinSynOption(kOtherToken)}),
       .flags = kSyn,
       .join_token = kToken,
       .ambiguous = true},
      {.name = "MP_JOIN before MP_CAPABLE joins",
       .options = Join({MpJoinSynOption(kToken), MpCapableSynOption()}),
       .flags = kSyn,
       .join_token = kToken,
       .ambiguous = true},
      {.name = "MP_CAPABLE before MP_JOIN opens a connection",
       .options = Join({MpCapableSynOption(), MpJoinSynOption(kToken)}),
       .flags = kSyn,
       .mp_capable = MpCapableForm::kOpening,
       .mp_version = 1,
       .ambiguous = true},
      {.name = "an MP_CAPABLE that Linux does not read keeps nothing out: flag B",
       .options = Join({MpCapableSynOption(0x41), MpJoinSynOption(kToken)}),
       .flags = kSyn,
       .join_token = kToken,
       .bad_mptcp = true},
      {.name = "nor the explicit flag, but both are kept",
       .options = Join({MpCapableSynOption(0x03), MpJoinSynOption(kToken)}),
       .flags = kSyn,
       .join_token = kToken,
       .mp_capable = MpCapableForm::kOpening,
       .mp_version = 1,
       .ambiguous = true},
      {.name = "explicit flag, then the plain one: what Linux reads",
       .options = Join({MpCapableSynOption(0x03), MpCapableSynOption(), MpJoinSynOption(kToken)}),
       .flags = kSyn,
       .mp_capable = MpCapableForm::kOpening,
       .mp_version = 1,
       .ambiguous = true},
      {.name = "nothing may come before MP_CAPABLE in a SYN",
       .options = Join({prio, {1}, MpCapableSynOption()}),
       .flags = kSyn,
       .ambiguous = true},
      {.name = "MP_PRIO and REMOVE_ADDR may come before MP_JOIN",
       .options = Join({prio, {1}, remove_addr, MpJoinSynOption(kToken)}),
       .flags = kSyn,
       .join_token = kToken},
      {.name = "DSS may not",
       .options = Join({dss_ack, MpJoinSynOption(kToken)}),
       .flags = kSyn,
       .ambiguous = true},
      {.name = "REMOVE_ADDR may come before the keys",
       .options = Join({remove_addr, MpCapableKeysOption(kKeyA, kKeyB)}),
       .mp_capable = MpCapableForm::kKeys,
       .mp_version = 1,
       .receiver_key = kKeyB},
      {.name = "DSS may not come before the keys",
       .options = Join({dss_ack, MpCapableKeysOption(kKeyA, kKeyB)}),
       .ambiguous = true},
      {.name = "a DSS of wrong length keeps nothing out",
       .options = Join({{30, 7, 0x20, 0x01, 0, 0, 0}, MpCapableKeysOption(kKeyA, kKeyB)}),
       .mp_capable = MpCapableForm::kKeys,
       .mp_version = 1,
       .receiver_key = kKeyB,
       .bad_mptcp = true},
      {.name = "of two DSS", .options = Join({dss_ack, dss_ack}), .ambiguous = true},
      {.name = "DSS beside ADD_ADDR, REMOVE_ADDR and MP_PRIO is usual",
       .options = Join({dss_ack, {30, 8, 0x31, 1, 198, 18, 0, 9}, remove_addr, prio})},
  };
  Check(rows);
}

// Of keys and tokens, what Linux reads stands; of REMOVE_ADDR and MP_FASTCLOSE, what may follow
// what.
TEST(ScanTcpOptions, TheFirstWinsInAnAck) {
  const Bytes remove_addr = {30, 4, 0x40, 1};
  const Row rows[] = {
      {.name = "keys, then tokens",
       .options =
           Join({MpCapableKeysOption(kKeyA, kKeyB), MpCapableTokensOption(kOtherToken, kToken)}),
       .mp_capable = MpCapableForm::kKeys,
       .mp_version = 1,
       .receiver_key = kKeyB,
       .ambiguous = true},
      {.name = "REMOVE_ADDR may follow the keys",
       .options = Join({MpCapableKeysOption(kKeyA, kKeyB), remove_addr}),
       .mp_capable = MpCapableForm::kKeys,
       .mp_version = 1,
       .receiver_key = kKeyB},
      {.name = "MP_FASTCLOSE may not",
       .options = Join({MpCapableKeysOption(kKeyA, kKeyB), testing::MpFastcloseOption(kKeyA)}),
       .mp_capable = MpCapableForm::kKeys,
       .mp_version = 1,
       .receiver_key = kKeyB,
       .ambiguous = true},
      {.name = "MP_FASTCLOSE may not follow REMOVE_ADDR either",
       .options = Join({remove_addr, testing::MpFastcloseOption(kKeyB)}),
       .ambiguous = true},
      {.name = "tokens, then other tokens: the first",
       .options = Join({MpCapableTokensOption(kOtherToken, kToken),
                        MpCapableTokensOption(kToken, kOtherToken)}),
       .mp_capable = MpCapableForm::kExplicitToken,
       .mp_version = 1,
       .receiver_token = kToken,
       .ambiguous = true},
  };
  Check(rows);
}

TEST(ScanTcpOptions, ReadsTheKeyOfAFastclose) {
  const Bytes dss_ack = {30, 8, 0x20, 0x01, 0, 0, 0, 1};
  const Row rows[] = {
      {.name = "alone",
       .options = testing::MpFastcloseOption(kKeyB),
       .flags = kRst | kAck,
       .fastclose_key = kKeyB},
      {.name = "after DSS",
       .options = Join({dss_ack, testing::MpFastcloseOption(kKeyB)}),
       .fastclose_key = kKeyB},
      {.name = "beside MP_TCPRST in a RST",
       .options = Join({{30, 4, 0x80, 1}, testing::MpFastcloseOption(kKeyB)}),
       .flags = kRst,
       .fastclose_key = kKeyB},
      {.name = "a broken MP_TCPRST beside it",
       .options = Join({{30, 5, 0x80, 1, 0}, testing::MpFastcloseOption(kKeyB)}),
       .flags = kRst,
       .fastclose_key = kKeyB,
       .bad_mptcp = true},
      {.name = "MP_TCPRST only counts in a RST",
       .options = {30, 4, 0x80, 1},
       .flags = kAck,
       .bad_mptcp = true},
      {.name = "the first of two",
       .options = Join({testing::MpFastcloseOption(kKeyB), testing::MpFastcloseOption(kKeyA)}),
       .flags = kRst,
       .fastclose_key = kKeyB,
       .ambiguous = true},
      {.name = "length 11",
       .options = Join({{30, 11, 0x70, 0}, Bytes(7)}),
       .flags = kRst,
       .bad_mptcp = true},
  };
  Check(rows);
}

TEST(ScanTcpOptions, CountsWhatNobodyKnows) {
  const Row rows[] = {
      {.name = "an MPTCP option without subtype", .options = {30, 2, 1, 1}, .bad_mptcp = true},
      {.name = "subtype 0xf (private use)", .options = {30, 4, 0xf0, 0}, .bad_mptcp = true},
      {.name = "an ADD_ADDR echo of the announcement's length",
       .options = Join({{30, 16, 0x31, 1}, Bytes(12)}),
       .bad_mptcp = true},
      {.name = "an ADD_ADDR of the echo's length",
       .options = {30, 8, 0x30, 1, 198, 18, 0, 9},
       .bad_mptcp = true},
      {.name = "the same of version 0", .options = {30, 8, 0x34, 1, 198, 18, 0, 9}},
      {.name = "MP_PRIO of version 0 with an address ID", .options = {30, 4, 0x51, 1}},
      {.name = "NEW_KEY of draft-baerts", .options = Join({{30, 12, 0x90, 0}, Bytes(8)})},
      {.name = "NEW_KEY of length 11",
       .options = Join({{30, 11, 0x90, 0}, Bytes(7)}),
       .bad_mptcp = true},
      {.name = "REMOVE_ADDR of nothing", .options = {30, 3, 0x40, 1}, .bad_mptcp = true},
      {.name = "REMOVE_ADDR of nine",
       .options = Join({{30, 12, 0x40}, Bytes(9)}),
       .bad_mptcp = true},
      {.name = "REMOVE_ADDR of eight", .options = Join({{30, 11, 0x40}, Bytes(8)})},
  };
  Check(rows);
}

}  // namespace
}  // namespace joinery::wire
