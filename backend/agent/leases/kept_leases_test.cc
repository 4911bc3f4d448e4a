#include "backend/agent/leases/kept_leases.h"

#include <gtest/gtest.h>

namespace joinery::agent {
namespace {

std::vector<KeptLease> Sample() {
  return {{.id = UINT64_MAX,
           .uid = 33,
           .kind = tokenmap::LeaseKind::kTokens,
           .held = {{Serial(1), {Token(1), Token(0xffffffff)}}, {Serial(2), {Token(7)}}}},
          {.id = 5, .uid = 0, .kind = tokenmap::LeaseKind::kKeys, .held = {}}};
}

TEST(KeptLeases, ComeBackFromTheirText) {
  for (const auto& leases : {Sample(), std::vector<KeptLease>{}}) {
    const auto again = ParseKeptLeases(ToJson(leases));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, leases);
  }
}

TEST(KeptLeases, RefuseWhatIsNotWhole) {
  const std::string whole = ToJson(Sample());
  for (size_t length = 0; length + 1 < whole.size(); ++length) {
    EXPECT_FALSE(ParseKeptLeases(whole.substr(0, length))) << length;
  }
  struct Row {
    const char* name;
    const char* from;
    const char* to;
  };
  const Row rows[] = {
      {.name = "another format", .from = "\"format\":1", .to = "\"format\":2"},
      {.name = "an unknown kind", .from = "\"keys\"", .to = "\"keyz\""},
      {.name = "a uid that is no number", .from = "\"uid\":\"33\"", .to = "\"uid\":\"3x\""},
      {.name = "half a token", .from = "00000007", .to = "0000007"},
      {.name = "tokens out of order", .from = "00000001ffffffff", .to = "ffffffff00000001"},
      {.name = "a serial that is none", .from = "\"2\":", .to = "\"-2\":"},
  };
  for (const Row& row : rows) {
    std::string text = whole;
    const size_t at = text.find(row.from);
    ASSERT_NE(at, std::string::npos) << row.name << ": " << whole;
    text.replace(at, std::string_view(row.from).size(), row.to);
    EXPECT_FALSE(ParseKeptLeases(text)) << row.name;
  }
}

}  // namespace
}  // namespace joinery::agent
