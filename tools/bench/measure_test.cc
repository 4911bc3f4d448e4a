#include "tools/bench/measure.h"

#include <string>

#include <gtest/gtest.h>

namespace joinery::bench {
namespace {

TEST(Quantiles, OfKnownValues) {
  struct Row {
    std::string name;
    std::vector<double> values;
    Quantiles expected;
  };
  const std::vector<Row> rows = {
      {.name = "one", .values = {7}, .expected = {7, 7, 7}},
      {.name = "two, between", .values = {2, 1}, .expected = {1.25, 1.5, 1.75}},
      {.name = "five, any order", .values = {5, 1, 4, 2, 3}, .expected = {2, 3, 4}},
      {.name = "an outlier moves no quartile", .values = {1, 2, 3, 4, 1e9}, .expected = {2, 3, 4}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Quantiles got = QuantilesOf(row.values);
    EXPECT_DOUBLE_EQ(got.low, row.expected.low);
    EXPECT_DOUBLE_EQ(got.median, row.expected.median);
    EXPECT_DOUBLE_EQ(got.high, row.expected.high);
  }
}

TEST(MeasurePaired, TakesTurnsAndCleansUpAfterEachWindow) {
  std::string events;
  const Task subject{.run = [&events]() -> size_t {
                       events += 's';
                       return 1;
                     },
                     .clean_up = [&events] { events += '.'; }};
  const Task baseline{.run = [&events]() -> size_t {
                        events += 'b';
                        return 1;
                      },
                      .clean_up = [&events] { events += '.'; }};
  const Paired result = MeasurePaired(subject, baseline, {.quiet_pairs = 3, .seconds = 0});
  // A pair to warm up, then one that is measured, since the time is up at once.
  EXPECT_EQ(events, "s.b.s.b.");
  EXPECT_EQ(result.pairs, 1U);
  EXPECT_GT(result.subject.median, 0);
  EXPECT_GT(result.baseline.median, 0);
  EXPECT_GT(result.ratio.median, 0);
}

TEST(MeasurePaired, MoreWorkTakesLonger) {
  const auto spin = [](int rounds) {
    return Task{.run = [rounds]() -> size_t {
                  for (int i = 0; i < rounds; ++i) asm volatile("" ::: "memory");
                  return 1;
                },
                .clean_up = [] {}};
  };
  const Paired result = MeasurePaired(spin(100'000), spin(10'000), {.quiet_pairs = 11});
  EXPECT_GT(result.ratio.median, 5);
  EXPECT_LT(result.ratio.median, 20);
  EXPECT_LE(result.ratio.low, result.ratio.median);
  EXPECT_LE(result.ratio.median, result.ratio.high);
}

}  // namespace
}  // namespace joinery::bench
