#include "settings/nearest.h"

#include <gtest/gtest.h>

namespace joinery::settings {
namespace {

struct DistanceRow {
  const char* name;
  std::string_view a;
  std::string_view b;
  size_t distance;
};

constexpr DistanceRow kDistances[] = {
    {.name = "equal", .a = "weight", .b = "weight", .distance = 0},
    {.name = "from nothing", .a = "", .b = "id", .distance = 2},
    {.name = "to nothing", .a = "id", .b = "", .distance = 2},
    {.name = "one left out", .a = "wieght", .b = "wight", .distance = 1},
    {.name = "one put in", .a = "weight", .b = "weighht", .distance = 1},
    {.name = "one for another", .a = "weight", .b = "weigst", .distance = 1},
    {.name = "neighbours swapped", .a = "weight", .b = "wieght", .distance = 1},
    {.name = "classic", .a = "kitten", .b = "sitting", .distance = 3},
};

TEST(EditDistance, CountsTypingErrors) {
  for (const DistanceRow& row : kDistances) {
    EXPECT_EQ(EditDistance(row.a, row.b), row.distance) << row.name;
    EXPECT_EQ(EditDistance(row.b, row.a), row.distance) << row.name << ", the other way";
  }
}

constexpr std::string_view kKnown[] = {"steering", "idle", "lcores", "cache_flows"};

struct Row {
  const char* name;
  std::string word;
  const char* suggestion;
};

const Row kRows[] = {
    {.name = "swapped", .word = "idel", .suggestion = "; did you mean idle?"},
    {.name = "hyphen", .word = "cache-flows", .suggestion = "; did you mean cache_flows?"},
    {.name = "one third wrong", .word = "locers", .suggestion = "; did you mean lcores?"},
    {.name = "capitals", .word = "IDLE", .suggestion = "; did you mean idle?"},
    {.name = "cut short", .word = "steer", .suggestion = "; did you mean steering?"},
    {.name = "nothing near", .word = "mtu", .suggestion = ""},
    {.name = "empty", .word = "", .suggestion = ""},
    {.name = "nobody types that", .word = std::string(100'000, 'x'), .suggestion = ""},
};

TEST(DidYouMean, NamesTheNearestWord) {
  for (const Row& row : kRows) EXPECT_EQ(DidYouMean(row.word, kKnown), row.suggestion) << row.name;
}

}  // namespace
}  // namespace joinery::settings
