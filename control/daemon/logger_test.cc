#include "control/daemon/logger.h"

#include <gtest/gtest.h>

namespace joinery::control {
namespace {

std::string Written(settings::LogLevel level, settings::LogFormat format) {
  testing::internal::CaptureStderr();
  Logger logger("c1", level, format);
  logger.Write({.severity = Severity::kInfo, .text = "a \"b\""});
  logger.Write({.severity = Severity::kAlarm, .text = "lost"});
  EXPECT_EQ(logger.counts(), (api::Logger::Counts{1, 0, 1}));
  return testing::internal::GetCapturedStderr();
}

TEST(Logger, AnAlarmIsAnError) {
  const std::string text = Written(settings::LogLevel::kDebug, settings::LogFormat::kText);
  EXPECT_NE(text.find(" info a \"b\"\n"), std::string::npos) << text;
  EXPECT_NE(text.find(" error lost\n"), std::string::npos) << text;
}

TEST(Logger, TakesLevelAndFormat) {
  const std::string text = Written(settings::LogLevel::kError, settings::LogFormat::kJson);
  EXPECT_NE(text.find(R"(","level":"error","program":"c1","text":"lost"})"
                      "\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("a \\\"b"), std::string::npos) << "below the level";
}

}  // namespace
}  // namespace joinery::control
