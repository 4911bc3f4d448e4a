#include "settings/diagnostic.h"

#include <gtest/gtest.h>

namespace joinery::settings {
namespace {

struct Row {
  const char* name;
  Diagnostic diagnostic;
  const char* text;
};

const Row kRows[] = {
    {.name = "a value",
     .diagnostic = {"lb.yaml", 14, 20, "pools[web].id", "9 is too large"},
     .text = "lb.yaml:14:20: pools[web].id: 9 is too large"},
    {.name = "a place without a key",
     .diagnostic = {"lb.yaml", 2, 1, "", "not YAML"},
     .text = "lb.yaml:2:1: not YAML"},
    {.name = "the file as a whole",
     .diagnostic = {"lb.yaml", 0, 0, "", "is a directory"},
     .text = "lb.yaml: is a directory"},
};

TEST(Diagnostic, PrintsAsCompilersDo) {
  for (const Row& row : kRows) EXPECT_EQ(ToString(row.diagnostic), row.text) << row.name;
}

}  // namespace
}  // namespace joinery::settings
