#include "lb/dpdk/log.h"

#include <gtest/gtest.h>

namespace joinery::dpdk {
namespace {

TEST(Log, TextIsForPeople) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Log log(settings::Log::kText);
  log.Say("ready: \"x\" {}");
  log.Trouble("a: b\nc: d");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "joinery-lb: ready: \"x\" {}\n");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "joinery-lb: a: b\nc: d\n");
}

TEST(Log, JsonIsOneObjectALine) {
  testing::internal::CaptureStdout();
  Log log(settings::Log::kJson);
  log.Say("ready: \"x\" {}");
  log.Trouble("a\nb\xff");
  const std::string said = testing::internal::GetCapturedStdout();
  EXPECT_NE(said.find(R"(Z","level":"info","program":"joinery-lb","message":"ready: \"x\" {}"})"
                      "\n"),
            std::string::npos)
      << said;
  EXPECT_NE(said.find(R"(Z","level":"error","program":"joinery-lb","message":"a\u000ab\u00ff"})"
                      "\n"),
            std::string::npos)
      << said;
  EXPECT_TRUE(said.starts_with(R"({"time":"2)")) << said;
}

TEST(JsonString, EscapesWhatMustBe) {
  EXPECT_EQ(JsonString("a\"b\\c\td\x7f"), R"("a\"b\\c\u0009d\u007f")");
}

}  // namespace
}  // namespace joinery::dpdk
