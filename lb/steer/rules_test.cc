#include "lb/steer/rules.h"

#include <algorithm>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace joinery::steer {
namespace {

// What a Prometheus label and a JSON key can be without an escape.
bool IsPlain(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

template <typename Enum>
void CheckWords(size_t count) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < count; ++i) {
    const auto value = static_cast<Enum>(i);
    EXPECT_TRUE(IsPlain(Name(value))) << Name(value);
    EXPECT_TRUE(names.insert(Name(value)).second) << Name(value) << " is there twice";
    EXPECT_FALSE(Text(value).empty()) << Name(value);
  }
}

TEST(Rules, EveryNameIsPlainAndThereOnce) {
  CheckWords<Rule>(kRuleCount);
  CheckWords<DropReason>(kDropReasonCount);
  CheckWords<Note>(kNoteCount);
}

TEST(Rules, NamesFollowTheLadder) {
  EXPECT_EQ(kRuleCount, 7u);
  EXPECT_EQ(Name(Rule::kDirect), "direct");
  EXPECT_EQ(Name(Rule::kToken), "token");
  EXPECT_EQ(Name(Rule::kPlacement), "placement");
  EXPECT_EQ(Name(Rule::kCookie), "cookie");
  EXPECT_EQ(Name(Rule::kHandshake), "handshake");
  EXPECT_EQ(Name(Rule::kCache), "cache");
  EXPECT_EQ(Name(Rule::kHash), "hash");
}

}  // namespace
}  // namespace joinery::steer
