#include "lb/follow/status.h"

#include <gtest/gtest.h>

namespace joinery::follow {
namespace {

TEST(Status, SaysHowFollowingGoes) {
  State state;
  EXPECT_EQ(ToJson(StatusOf(state, Instant{})),
            R"({"announce":"withdraw","connected":false,"behind":false,"lease":false,)"
            R"("lease_left_s":0.000,"scheme":"0.0","scheme_sha256":")" +
                std::string(64, '0') + R"(","load":"0.0","rejected":null})");

  View view;
  view.scheme.stamp = {.at = {3, 41}, .digest = {0xab}};
  view.load.stamp.at = {3, 97};
  state.in_force = view;
  state.announce = Announce::kNormal;
  state.connected = true;
  state.lease_end = Instant{} + std::chrono::milliseconds(9250);
  state.rejected = api::Rejection{{3, 42}, "pools[0].name: \"\xff\n\""};
  EXPECT_EQ(ToJson(StatusOf(state, Instant{} + std::chrono::seconds(2))),
            R"({"announce":"normal","connected":true,"behind":false,"lease":true,)"
            R"("lease_left_s":7.250,"scheme":"3.41","scheme_sha256":"ab)" +
                std::string(62, '0') +
                R"(","load":"3.97","rejected":{"at":"3.42",)"
                R"("reason":"pools[0].name: \"??\""}})");
}

}  // namespace
}  // namespace joinery::follow
