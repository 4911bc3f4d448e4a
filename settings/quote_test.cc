#include "settings/quote.h"

#include <gtest/gtest.h>

namespace joinery::settings {
namespace {

struct Row {
  const char* name;
  std::string text;
  std::string quoted;
};

const Row kRows[] = {
    {.name = "plain", .text = "198.18.0.1", .quoted = R"("198.18.0.1")"},
    {.name = "empty", .text = "", .quoted = R"("")"},
    {.name = "quotes", .text = R"(a"b\c)", .quoted = R"("a\"b\\c")"},
    {.name = "terminal escape", .text = "\x1b[2J", .quoted = R"("\x1b[2J")"},
    {.name = "line end", .text = "a\nb", .quoted = R"("a\x0ab")"},
    {.name = "not ASCII", .text = "\xc3\xa9", .quoted = R"("\xc3\xa9")"},
    {.name = "just short enough",
     .text = std::string(64, 'x'),
     .quoted = "\"" + std::string(64, 'x') + "\""},
    {.name = "too long",
     .text = std::string(65, 'x'),
     .quoted = "\"" + std::string(64, 'x') + "...\""},
};

TEST(Quote, MakesAnyTextPrintable) {
  for (const Row& row : kRows) EXPECT_EQ(Quote(row.text), row.quoted) << row.name;
}

}  // namespace
}  // namespace joinery::settings
