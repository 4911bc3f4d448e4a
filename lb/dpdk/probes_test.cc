#include "lb/dpdk/probes.h"

#include <gtest/gtest.h>

namespace joinery::dpdk {
namespace {

using std::chrono::seconds;

TEST(LcoreWatch, NoticesACoreThatStandsStill) {
  LcoreWatch watch;
  EXPECT_TRUE(watch.Stuck().empty());
  std::vector<LcoreStats> lcores = {{.cpu = 2, .busy_polls = 5}, {.cpu = 3, .empty_polls = 5}};
  Instant now{};
  watch.Look(lcores, now);
  for (int i = 1; i <= 4; ++i) {
    lcores[1].empty_polls += 1;
    watch.Look(lcores, now += seconds(1));
    EXPECT_TRUE(watch.Stuck().empty()) << i;
  }
  lcores[1].empty_polls += 1;
  watch.Look(lcores, now += seconds(1));
  EXPECT_EQ(watch.Stuck(), std::vector<uint16_t>{2});
  lcores[0].busy_polls += 1;
  lcores[1].busy_polls += 1;
  watch.Look(lcores, now += seconds(1));
  EXPECT_TRUE(watch.Stuck().empty()) << "it goes on";
}

follow::Status Announcing(follow::Announce announce, bool behind = false) {
  follow::Status status;
  status.announce = announce;
  status.behind = behind;
  return status;
}

struct Row {
  const char* name;
  Condition condition;
  unsigned health;
  unsigned ready;
  const char* says;
};

TEST(Probes, SayHowItIs) {
  for (const Row& row : {
           Row{"at the start", {}, 200, 503, "not ready: it starts\n"},
           Row{"pools in the file", {.started = true}, 200, 200, "ready: normal\n"},
           Row{"a stuck core",
               {.started = true, .stuck = {1, 3}},
               503,
               503,
               "CPUs 1, 3 no longer forward\n"},
           Row{"with a lease",
               {.started = true, .following = Announcing(follow::Announce::kNormal)},
               200,
               200,
               "ready: normal\n"},
           Row{"control is gone",
               {.started = true, .following = Announcing(follow::Announce::kLower)},
               200,
               200,
               "ready: lower: no lease from control\n"},
           Row{"behind",
               {.started = true, .following = Announcing(follow::Announce::kWithdraw, true)},
               200,
               503,
               "not ready: control says that this balancer is behind\n"},
           Row{"nothing from control yet",
               {.started = true, .following = Announcing(follow::Announce::kWithdraw)},
               200,
               503,
               "not ready: no view from control yet\n"},
       }) {
    EXPECT_EQ(HealthPage(row.condition).status, row.health) << row.name;
    EXPECT_EQ(ReadyPage(row.condition).status, row.ready) << row.name;
    EXPECT_EQ(ReadyPage(row.condition).body, row.says) << row.name;
  }
}

}  // namespace
}  // namespace joinery::dpdk
