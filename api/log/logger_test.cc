#include "api/log/logger.h"

#include <gtest/gtest.h>

namespace joinery::api {
namespace {

std::string Written(settings::Log form, LogLevel least) {
  testing::internal::CaptureStderr();
  Logger logger("c1", form, least);
  logger.Info("a \"b\" {}");
  logger.Warn("two\tthree");
  logger.Error("lost");
  logger.Error("again");
  EXPECT_EQ(logger.counts(), (Logger::Counts{1, 1, 2}));
  return testing::internal::GetCapturedStderr();
}

TEST(Logger, WritesLinesForPeople) {
  const std::string text = Written(settings::Log::kText, LogLevel::kInfo);
  EXPECT_NE(text.find("Z info a \"b\" {}\n"), std::string::npos) << text;
  EXPECT_NE(text.find("Z warning two\tthree\n"), std::string::npos) << text;
  EXPECT_NE(text.find("Z error lost\n"), std::string::npos) << text;
}

TEST(Logger, WritesOneObjectALine) {
  const std::string text = Written(settings::Log::kJson, LogLevel::kWarning);
  EXPECT_TRUE(text.starts_with(R"({"time":"2)")) << text;
  EXPECT_NE(text.find(R"(Z","level":"warning","program":"c1","text":"two\u0009three"})"
                      "\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("a \\\"b"), std::string::npos) << "below the level";
}

}  // namespace
}  // namespace joinery::api
