#include "control/daemon/sent_views.h"

#include <gtest/gtest.h>

namespace joinery::control {
namespace {

api::Stamp StampOf(uint64_t epoch, uint64_t version, uint8_t byte) {
  api::Stamp stamp{.at = {.epoch = epoch, .version = version}, .digest = {}};
  stamp.digest[0] = byte;
  return stamp;
}

TEST(SentViews, TrustsOnlyTheBytesThatWereSent) {
  SentViews sent;
  sent.Add("a", StampOf(2, 1, 10));
  sent.Add("a", StampOf(2, 2, 20));
  EXPECT_TRUE(sent.Trusts("a", StampOf(2, 1, 10), 2));
  EXPECT_TRUE(sent.Trusts("a", StampOf(2, 2, 20), 2));
  EXPECT_FALSE(sent.Trusts("a", StampOf(2, 2, 21), 2)) << "other bytes";
  EXPECT_FALSE(sent.Trusts("a", StampOf(2, 3, 30), 2)) << "never sent";
  EXPECT_FALSE(sent.Trusts("b", StampOf(2, 1, 10), 2)) << "sent to another";
}

TEST(SentViews, CannotKnowOtherRuns) {
  SentViews sent;
  EXPECT_TRUE(sent.Trusts("a", StampOf(1, 7, 1), 2));
  EXPECT_TRUE(sent.Trusts("a", StampOf(9, 7, 1), 2));
  EXPECT_TRUE(sent.Trusts("a", {}, 2));
}

TEST(SentViews, BelievesWhatItHasForgotten) {
  SentViews sent;
  for (uint64_t version = 1; version <= SentViews::kRemembered + 5; ++version) {
    sent.Add("a", StampOf(2, version, 0));
  }
  EXPECT_TRUE(sent.Trusts("a", StampOf(2, 1, 99), 2));
  EXPECT_FALSE(sent.Trusts("a", StampOf(2, 6, 99), 2)) << "the oldest one that it remembers";
}

}  // namespace
}  // namespace joinery::control
