#include "lb/dpdk/eal_log.h"

#include <string>

#include <gtest/gtest.h>

namespace joinery::dpdk {
namespace {

TEST(EalLogTest, KeepsTheLastLines) {
  EalLog log;
  ASSERT_NE(log.stream(), nullptr);
  for (size_t i = 1; i <= EalLog::kMaxLines + 5; ++i) {
    std::fprintf(log.stream(), "line %zu\n", i);
  }
  const std::vector<std::string> lines = log.LastLines();
  ASSERT_EQ(lines.size(), EalLog::kMaxLines);
  EXPECT_EQ(lines.front(), "line 6");
  EXPECT_EQ(lines.back(), "line 25");
}

TEST(EalLogTest, JoinsAndCutsLines) {
  EalLog log;
  std::fprintf(log.stream(), "two ");
  EXPECT_TRUE(log.LastLines().empty());
  std::fprintf(log.stream(), "pieces\n");
  std::fprintf(log.stream(), "%s\n", std::string(2 * EalLog::kMaxLineLength, 'x').c_str());
  const std::vector<std::string> lines = log.LastLines();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0], "two pieces");
  EXPECT_EQ(lines[1].size(), EalLog::kMaxLineLength);
}

TEST(EalLogTest, PrintsOnlyAfterTheStart) {
  EalLog log;
  testing::internal::CaptureStderr();
  std::fprintf(log.stream(), "noise\n");
  log.StartPrinting();
  std::fprintf(log.stream(), "news\n");
  static_cast<void>(log.LastLines());
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "news\n");
}

}  // namespace
}  // namespace joinery::dpdk
