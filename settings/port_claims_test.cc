#include "settings/port_claims.h"

#include <gtest/gtest.h>

namespace joinery::settings {
namespace {

constexpr PortRange Range(uint16_t first, uint16_t last) { return {Port(first), Port(last)}; }

TEST(PortClaims, TellsWhichClaimIsInTheWay) {
  PortClaims claims;
  ASSERT_EQ(claims.Take(Range(8000, 8099), {.line = 1, .column = 1}), nullptr);
  ASSERT_EQ(claims.Take(Range(80, 80), {.line = 2, .column = 1}), nullptr);
  ASSERT_EQ(claims.Take(Range(8100, 65535), {.line = 3, .column = 1}), nullptr);
  struct Row {
    const char* name;
    PortRange ports;
    int line;
  };
  for (const Row& row : {
           Row{.name = "the same", .ports = Range(80, 80), .line = 2},
           Row{.name = "inside", .ports = Range(8050, 8051), .line = 1},
           Row{.name = "over the end", .ports = Range(8090, 8200), .line = 3},
           Row{.name = "over the begin", .ports = Range(81, 8000), .line = 1},
           Row{.name = "around", .ports = Range(1, 100), .line = 2},
       }) {
    const PortClaims::Claim* claim = claims.Take(row.ports, {.line = 9, .column = 1});
    ASSERT_NE(claim, nullptr) << row.name;
    EXPECT_EQ(claim->at.line, row.line) << row.name;
  }
}

TEST(PortClaims, NeighboursDoNotOverlap) {
  PortClaims claims;
  for (const PortRange& range : {Range(10, 20), Range(1, 9), Range(21, 30), Range(31, 31)}) {
    EXPECT_EQ(claims.Take(range, {}), nullptr) << ToString(range);
  }
}

TEST(PortClaims, RefusedOnesTakeNothing) {
  PortClaims claims;
  ASSERT_EQ(claims.Take(Range(10, 20), {}), nullptr);
  ASSERT_NE(claims.Take(Range(15, 30), {}), nullptr);
  EXPECT_EQ(claims.Take(Range(21, 30), {}), nullptr);
}

}  // namespace
}  // namespace joinery::settings
