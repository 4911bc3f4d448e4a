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
  EXPECT_NE(said.find(R"(Z","level":"info","program":"joinery-lb","text":"ready: \"x\" {}"})"
                      "\n"),
            std::string::npos)
      << said;
  EXPECT_NE(said.find(R"(Z","level":"error","program":"joinery-lb","text":"a\u000ab\u00ff"})"
                      "\n"),
            std::string::npos)
      << said;
  EXPECT_TRUE(said.starts_with(R"({"time":"2)")) << said;
}

}  // namespace
}  // namespace joinery::dpdk
