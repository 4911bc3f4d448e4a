#include "backend/agent/run/logger.h"

#include <gtest/gtest.h>

namespace joinery::agent {
namespace {

TEST(JsonText, KeepsHostileTextInOneString) {
  EXPECT_EQ(JsonText("plain"), R"("plain")");
  EXPECT_EQ(JsonText("a\"b\nc"), R"("a\"b\nc")");
}

TEST(Logger, WritesLinesForPeople) {
  testing::internal::CaptureStderr();
  Logger(LogForm::kText).Warn("two\tthree");
  const std::string line = testing::internal::GetCapturedStderr();
  EXPECT_NE(line.find(" warning two\tthree\n"), std::string::npos) << line;
}

TEST(Logger, WritesOneObjectALine) {
  testing::internal::CaptureStderr();
  Logger(LogForm::kJson).Error("say \"no\"");
  const std::string line = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(line.starts_with("{\"time\":\"")) << line;
  EXPECT_TRUE(line.ends_with(R"(Z","level":"error","text":"say \"no\""})"
                             "\n"))
      << line;
}

}  // namespace
}  // namespace joinery::agent
