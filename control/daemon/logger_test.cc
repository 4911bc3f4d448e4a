#include "control/daemon/logger.h"

#include <gtest/gtest.h>

namespace joinery::control {
namespace {

std::string Written(settings::LogLevel level, settings::LogFormat format) {
  testing::internal::CaptureStderr();
  {
    Logger logger("c1", level, format);
    logger.Write({.severity = Severity::kInfo, .text = "a \"b\""});
    logger.Write({.severity = Severity::kAlarm, .text = "lost"});
  }
  return testing::internal::GetCapturedStderr();
}

TEST(Logger, TextHasALevel) {
  const std::string text = Written(settings::LogLevel::kInfo, settings::LogFormat::kText);
  EXPECT_NE(text.find(" info a \"b\"\n"), std::string::npos) << text;
  EXPECT_NE(text.find(" error lost\n"), std::string::npos) << text;
}

TEST(Logger, JsonIsOneObjectALine) {
  const std::string text = Written(settings::LogLevel::kError, settings::LogFormat::kJson);
  EXPECT_NE(text.find(R"(,"program":"c1","severity":"alarm","text":"lost"})"
                      "\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("a \\\"b"), std::string::npos) << "below the level";
}

}  // namespace
}  // namespace joinery::control
