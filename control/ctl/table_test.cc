#include "control/ctl/table.h"

#include <gtest/gtest.h>

namespace joinery::ctl {
namespace {

TEST(Table, AlignsAndTrims) {
  Table table({"NAME", "STATE"});
  table.Add({"b1", "up"});
  table.Add({"a-long-one", ""});
  EXPECT_EQ(table.Text(), "NAME        STATE\nb1          up\na-long-one\n");
}

TEST(DurationText, IsShort) {
  EXPECT_EQ(DurationText(0), "0 s");
  EXPECT_EQ(DurationText(119), "119 s");
  EXPECT_EQ(DurationText(120), "2 min");
  EXPECT_EQ(DurationText(12'600), "3.5 h");
  EXPECT_EQ(DurationText(172'800), "2 d");
}

}  // namespace
}  // namespace joinery::ctl
