#include "backend/agent/core/record.h"

#include <gtest/gtest.h>

namespace joinery::agent {
namespace {

Record Whole() {
  Record record;
  record.view.at = {3, 41};
  record.view.digest.fill(0xab);
  record.pool_id = PoolId(7);
  record.id = BackendId(23);
  record.generation_bits = 2;
  record.vips = {{.address = *IpAddress::Parse("2001:db8::1"),
                  .protocol = 6,
                  .ports = {{Port(80), Port(80)}, {Port(8000), Port(8010)}}},
                 {.address = *IpAddress::Parse("198.18.1.1"), .protocol = 17, .ports = {}}};
  record.told = {{.codepoint = Codepoint(0),
                  .serial = Serial(UINT64_MAX),
                  .key = HashOf(crypto::Key128::Bytes{1, 2, 3})},
                 {.codepoint = Codepoint(2), .serial = Serial(5), .key = std::nullopt}};
  record.confirmed =
      Confirmed{.incarnation = UINT64_MAX - 1, .serial = Serial(6), .before = Serial(5)};
  return record;
}

TEST(Record, ComesBackFromItsText) {
  for (const Record& record : {Whole(), Record{}}) {
    const auto again = ParseRecord(ToJson(record));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, record);
  }
}

TEST(Record, FindsWhatACodepointStoodFor) {
  const Record record = Whole();
  ASSERT_NE(record.Told(Codepoint(2)), nullptr);
  EXPECT_EQ(record.Told(Codepoint(2))->serial, Serial(5));
  EXPECT_EQ(record.Told(Codepoint(1)), nullptr);
}

TEST(Record, HoldsNoKey) {
  const crypto::Key128 key(crypto::Key128::Bytes{0xde, 0xad, 0xbe, 0xef, 1, 2, 3, 4, 5, 6, 7, 8});
  Record record = Whole();
  record.told[0].key = HashOf(key);
  EXPECT_EQ(ToJson(record).find("deadbeef"), std::string::npos);
}

// A record that lost a part would let the agent accept again what it must refuse.
TEST(Record, RefusesWhatIsNotWhole) {
  const std::string whole = ToJson(Whole());
  for (size_t length = 0; length + 1 < whole.size(); ++length) {
    EXPECT_FALSE(ParseRecord(whole.substr(0, length))) << length;
  }
  struct Row {
    const char* name;
    const char* from;
    const char* to;
  };
  const Row rows[] = {
      {.name = "another format", .from = "\"format\":1", .to = "\"format\":2"},
      {.name = "no epoch", .from = "\"epoch\"", .to = "\"apoch\""},
      {.name = "a negative version", .from = "\"version\":41", .to = "\"version\":-1"},
      {.name = "a version that is text", .from = "\"version\":41", .to = "\"version\":\"41\""},
      {.name = "a short digest", .from = "abab", .to = "ab"},
      {.name = "an ID of 17 bits", .from = "\"id\":23", .to = "\"id\":65536"},
      {.name = "four generation bits",
       .from = "\"generation_bits\":2",
       .to = "\"generation_bits\":4"},
      {.name = "an address that is none", .from = "2001:db8::1", .to = "2001:db8::g"},
      {.name = "a port of 17 bits", .from = "8010", .to = "80100"},
      {.name = "told is no list", .from = "\"told\":[", .to = "\"told\":1,\"x\":["},
      {.name = "a codepoint twice", .from = "\"codepoint\":2", .to = "\"codepoint\":0"},
      {.name = "a hash that is none", .from = "\"key_sha256\":\"", .to = "\"key_sha256\":\"zz"},
      {.name = "confirmed without a serial", .from = "\"serial\":6", .to = "\"sorial\":6"},
  };
  for (const Row& row : rows) {
    std::string text = whole;
    const size_t at = text.find(row.from);
    ASSERT_NE(at, std::string::npos) << row.name << ": " << whole;
    text.replace(at, std::string_view(row.from).size(), row.to);
    EXPECT_FALSE(ParseRecord(text)) << row.name;
  }
}

}  // namespace
}  // namespace joinery::agent
