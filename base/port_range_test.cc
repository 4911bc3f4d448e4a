#include "base/port_range.h"

#include <gtest/gtest.h>

namespace joinery {
namespace {

constexpr PortRange Range(uint16_t first, uint16_t last) { return {Port(first), Port(last)}; }

TEST(PortRange, HoldsBothEnds) {
  const PortRange range = Range(8000, 8099);
  EXPECT_TRUE(range.Contains(Port(8000)));
  EXPECT_TRUE(range.Contains(Port(8099)));
  EXPECT_FALSE(range.Contains(Port(7999)));
  EXPECT_FALSE(range.Contains(Port(8100)));
  EXPECT_FALSE(range.IsOne());
  EXPECT_TRUE(PortRange::One(Port(443)).IsOne());
}

TEST(PortRange, AllIsEveryPortButZero) {
  EXPECT_FALSE(PortRange::All().Contains(Port(0)));
  EXPECT_TRUE(PortRange::All().Contains(Port(1)));
  EXPECT_TRUE(PortRange::All().Contains(Port(65535)));
}

TEST(PortRange, Overlaps) {
  struct Row {
    const char* name;
    PortRange other;
    bool overlaps;
  };
  for (const Row& row : {
           Row{.name = "itself", .other = Range(80, 90), .overlaps = true},
           Row{.name = "inside", .other = Range(85, 86), .overlaps = true},
           Row{.name = "around", .other = PortRange::All(), .overlaps = true},
           Row{.name = "touches the first", .other = Range(70, 80), .overlaps = true},
           Row{.name = "touches the last", .other = Range(90, 99), .overlaps = true},
           Row{.name = "just below", .other = Range(70, 79), .overlaps = false},
           Row{.name = "just above", .other = Range(91, 99), .overlaps = false},
       }) {
    EXPECT_EQ(Range(80, 90).Overlaps(row.other), row.overlaps) << row.name;
    EXPECT_EQ(row.other.Overlaps(Range(80, 90)), row.overlaps) << row.name;
  }
}

TEST(PortRange, Prints) {
  EXPECT_EQ(ToString(PortRange::One(Port(443))), "443");
  EXPECT_EQ(ToString(Range(8000, 8099)), "8000-8099");
  EXPECT_EQ(ToString(PortRange::All()), "all");
}

}  // namespace
}  // namespace joinery
