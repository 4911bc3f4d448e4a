#include "control/daemon/event_ring.h"

#include <regex>

#include <gtest/gtest.h>

namespace joinery::control {
namespace {

TEST(EventRing, NumbersAndShowsThem) {
  EventRing ring;
  EXPECT_EQ(ring.last(), 0U);
  ring.Add("t1", {.severity = Severity::kInfo, .text = "a \"b\""});
  ring.Add("t2", {.severity = Severity::kAlarm, .text = "c"});
  EXPECT_EQ(ring.last(), 2U);
  EXPECT_EQ(ring.ToJson(),
            R"({"schema":1,"events":[{"number":1,"time":"t1","severity":"info","text":"a \"b\""},)"
            R"({"number":2,"time":"t2","severity":"alarm","text":"c"}]})");
}

TEST(EventRing, ForgetsTheOldest) {
  EventRing ring;
  for (size_t i = 0; i < EventRing::kKept + 1; ++i) ring.Add("t", {.severity = {}, .text = "x"});
  EXPECT_EQ(ring.last(), EventRing::kKept + 1);
  EXPECT_EQ(ring.ToJson().find("\"number\":1,"), std::string::npos);
  EXPECT_NE(ring.ToJson().find("\"number\":2,"), std::string::npos);
}

TEST(TimeOfDay, IsRfc3339) {
  EXPECT_TRUE(
      std::regex_match(TimeOfDay(), std::regex(R"(20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d\dZ)")))
      << TimeOfDay();
}

}  // namespace
}  // namespace joinery::control
