#include "control/ctl/plan_text.h"

#include <gtest/gtest.h>

namespace joinery::ctl {
namespace {

TEST(PlanText, TellsChangesAndRisks) {
  const auto text = PlanText(R"({"schema":1,"refused":true,"changes":[
    {"kind":"add","what":"web/b3","why":"","connections":0},
    {"kind":"refused","what":"web","why":"max_backends 128 -> 64","connections":12}],
    "pools":[{"pool":"web","moved_slots":100,"table_size":251,"at_risk":7}],
    "restarts":["control.listen"]})",
                             false);
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_EQ(*text,
            "add      web/b3\n"
            "refused  web: max_backends 128 -> 64 (12 connections end)\n"
            "web: 100 of 251 slots move (39.8 %): so many of the new connections go elsewhere, and "
            "about 7 that live now have only the balancers' flow caches to keep them\n"
            "control.listen differs: it takes effect when joinery-control starts\n"
            "apply refuses this; what breaks needs --force\n");
}

TEST(PlanText, NothingIsSaidToo) {
  EXPECT_EQ(
      *PlanText(R"({"schema":1,"refused":false,"changes":[],"pools":[],"restarts":[]})", true),
      "no change\n");
  EXPECT_FALSE(PlanText("{}", false));
}

}  // namespace
}  // namespace joinery::ctl
