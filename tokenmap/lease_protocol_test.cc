#include "tokenmap/lease_protocol.h"

#include <gtest/gtest.h>

namespace joinery::tokenmap {
namespace {

using Bytes = std::vector<uint8_t>;

struct Row {
  const char* name;
  LeaseMessage message;
  Bytes frame;
};

const Row kRows[] = {
    // length 17, type 1, "JTKL", version 1, keys, 0, lease
    {.name = "hello",
     .message = Hello{.kind = LeaseKind::kKeys, .lease = 0x0102030405060708},
     .frame = {0, 0, 0, 17, 1, 0x4a, 0x54, 0x4b, 0x4c, 0, 1, 2, 0, 1, 2, 3, 4, 5, 6, 7, 8}},
    // length 9, type 2, last, 0, count 1, token
    {.name = "holds",
     .message = Holds{.last = true, .tokens = {Token(0xa1b2c3d4)}},
     .frame = {0, 0, 0, 9, 2, 1, 0, 0, 1, 0xa1, 0xb2, 0xc3, 0xd4}},
    {.name = "want", .message = Want{1024}, .frame = {0, 0, 0, 3, 3, 4, 0}},
    // length 11, type 4, count 2, tokens
    {.name = "release",
     .message = Release{{Token(1), Token(2)}},
     .frame = {0, 0, 0, 11, 4, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2}},
    {.name = "welcome",
     .message = Welcome{.lease = 5, .quota = 4096},
     .frame = {0, 0, 0, 13, 129, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 16, 0}},
    // length 17, type 130, serial 9, tokens, 0, count 1, token
    {.name = "block of tokens",
     .message = Block{.serial = Serial(9),
                      .kind = LeaseKind::kTokens,
                      .items = {{.key = 0, .token = Token(7)}}},
     .frame = {0, 0, 0, 17, 130, 0, 0, 0, 0, 0, 0, 0, 9, 1, 0, 0, 1, 0, 0, 0, 7}},
    // length 25, type 130, serial 9, keys, 0, count 1, key, token
    {.name = "block of keys",
     .message = Block{.serial = Serial(9),
                      .kind = LeaseKind::kKeys,
                      .items = {{.key = 0x1122334455667788, .token = Token(7)}}},
     .frame = {0, 0, 0,    25,   130,  0,    0,    0,    0,    0,    0, 0, 9, 2, 0,
               0, 1, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0, 0, 0, 7}},
    // length 7, type 131, quota, 0, 500 ms, "no"
    {.name = "refused",
     .message = Refused{.reason = RefusalReason::kQuota, .retry_ms = 500, .text = "no"},
     .frame = {0, 0, 0, 7, 131, 4, 0, 1, 0xf4, 'n', 'o'}},
    {.name = "stale",
     .message = Stale{Serial(3)},
     .frame = {0, 0, 0, 9, 132, 0, 0, 0, 0, 0, 0, 0, 3}},
};

std::span<const uint8_t> Body(const Bytes& frame) { return std::span(frame).subspan(4); }

TEST(LeaseProtocol, EmitsAndParsesEachMessage) {
  for (const Row& row : kRows) {
    EXPECT_EQ(EmitFrame(row.message), row.frame) << row.name;
    const auto parsed = ParseFrame(Body(row.frame));
    ASSERT_TRUE(parsed) << row.name << ": " << parsed.error().message;
    EXPECT_EQ(*parsed, row.message) << row.name;
    EXPECT_FALSE(ToString(*parsed).empty());
  }
}

TEST(LeaseProtocol, RefusesEveryOtherLength) {
  for (const Row& row : kRows) {
    const bool ends_in_text = row.frame[4] == 131;
    for (size_t length = 4; length < row.frame.size(); ++length) {
      if (ends_in_text && length >= 9) continue;  // a shorter text
      EXPECT_FALSE(
          ParseFrame(Body(Bytes(row.frame.begin(), row.frame.begin() + static_cast<long>(length)))))
          << row.name << " cut to " << length;
    }
    Bytes longer = row.frame;
    longer.push_back(0);
    EXPECT_FALSE(ParseFrame(Body(longer))) << row.name << " with one byte more";
  }
}

TEST(LeaseProtocol, RefusesBytesThatMeanNothing) {
  struct Change {
    const char* name;
    const char* of;
    size_t at;
    uint8_t value;
  };
  const Change changes[] = {
      {.name = "another magic", .of = "hello", .at = 5, .value = 0x4b},
      {.name = "another version", .of = "hello", .at = 10, .value = 2},
      {.name = "kind 0", .of = "hello", .at = 11, .value = 0},
      {.name = "kind 3", .of = "hello", .at = 11, .value = 3},
      {.name = "a byte that is to be zero", .of = "hello", .at = 12, .value = 1},
      {.name = "last is 2", .of = "holds", .at = 5, .value = 2},
      {.name = "want 1025", .of = "want", .at = 6, .value = 1},
      {.name = "a count that is too large", .of = "release", .at = 6, .value = 3},
      {.name = "a count that is too small", .of = "release", .at = 6, .value = 1},
      {.name = "reason 0", .of = "refused", .at = 5, .value = 0},
      {.name = "reason 9", .of = "refused", .at = 5, .value = 9},
      {.name = "a line end in the text", .of = "refused", .at = 9, .value = '\n'},
      {.name = "an unknown type", .of = "stale", .at = 4, .value = 5},
  };
  for (const Change& change : changes) {
    for (const Row& row : kRows) {
      if (row.name != std::string_view(change.of)) continue;
      Bytes frame = row.frame;
      frame[change.at] = change.value;
      EXPECT_FALSE(ParseFrame(Body(frame))) << change.name;
    }
  }
  const Bytes want_nothing = {3, 0, 0};
  EXPECT_FALSE(ParseFrame(want_nothing));
}

TEST(LeaseProtocol, KeepsToItsLimits) {
  const Release many{std::vector<Token>(2000, Token(1))};
  EXPECT_EQ(EmitFrame(many).size(), 4U + 1 + 2 + 4 * kMaxBlock);
  const Refused wordy{.reason = RefusalReason::kQuota, .text = std::string(500, 'x') + "\x7f"};
  EXPECT_TRUE(ParseFrame(Body(EmitFrame(wordy))));
  const Block keys{
      .serial = Serial(1), .kind = LeaseKind::kKeys, .items = std::vector<Leased>(kMaxBlock)};
  EXPECT_LE(EmitFrame(keys).size(), kMaxFrameBytes + 4);
}

TEST(LeaseProtocol, PrintsNoTokenAndNoKey) {
  const Block keys{.serial = Serial(1),
                   .kind = LeaseKind::kKeys,
                   .items = {{.key = 987654321987654321, .token = Token(3735928559)}}};
  const std::string text = ToString(LeaseMessage(keys));
  EXPECT_EQ(text, "block of 1 under 1");
}

TEST(FrameReader, FindsFramesInAnyCut) {
  Bytes stream;
  for (const Row& row : kRows) stream.insert(stream.end(), row.frame.begin(), row.frame.end());
  for (size_t cut = 1; cut <= stream.size(); ++cut) {
    FrameReader reader;
    std::vector<LeaseMessage> found;
    for (size_t at = 0; at < stream.size(); at += cut) {
      reader.Add(std::span(stream).subspan(at, std::min(cut, stream.size() - at)));
      while (true) {
        const auto frame = reader.Next();
        ASSERT_TRUE(frame);
        if (!*frame) break;
        found.push_back(ParseFrame(**frame).value());
      }
    }
    ASSERT_EQ(found.size(), std::size(kRows)) << "pieces of " << cut;
    for (size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i], kRows[i].message);
  }
}

TEST(FrameReader, RefusesLengthsOutOfRange) {
  for (const Bytes& bytes : {Bytes{0, 0, 0, 0}, Bytes{0, 0, 0x40, 1}, Bytes{0xff, 0, 0, 0}}) {
    FrameReader reader;
    reader.Add(bytes);
    EXPECT_FALSE(reader.Next());
  }
}

}  // namespace
}  // namespace joinery::tokenmap
