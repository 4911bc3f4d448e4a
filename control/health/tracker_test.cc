#include "control/health/tracker.h"

#include <string>

#include <gtest/gtest.h>

#include "base/random.h"
#include "control/health/policy.h"

namespace joinery::health {
namespace {

using std::chrono::seconds;

struct Row {
  const char* name;
  Policy policy{};
  std::string results;  // of checks: + success, - failure
  std::string states;   // after each: u up, d down
};

char Letter(State state) { return Name(state).front(); }

TEST(Tracker, CountsInARow) {
  const Row rows[] = {
      {.name = "the first result decides: success", .results = "+", .states = "u"},
      {.name = "the first result decides: failure", .results = "-", .states = "d"},
      {.name = "three failures in a row", .results = "+---", .states = "uuud"},
      {.name = "a success between them starts the count again",
       .results = "+--+--+---",
       .states = "uuuuuuuuud"},
      {.name = "two successes in a row", .results = "-++", .states = "ddu"},
      {.name = "a failure between them starts the count again",
       .results = "-+-+-++",
       .states = "ddddddu"},
      {.name = "fall 1 and rise 1 follow each result",
       .policy = {.rise = 1, .fall = 1, .half_life = {}},
       .results = "+-+-+-+-+-+-",
       .states = "udududududud"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    SeededRandom random(1);
    Instant now{};
    Tracker tracker(row.policy, now, random);
    std::string states;
    for (const char result : row.results) {
      now = tracker.due();
      const State before = tracker.state();
      const bool changed = tracker.Finish(result == '+', now, random);
      EXPECT_EQ(changed, before != tracker.state());
      states += Letter(tracker.state());
    }
    EXPECT_EQ(states, row.states);
  }
}

TEST(Tracker, SpreadsTheFirstChecksAndVariesTheWaits) {
  SeededRandom random(7);
  const Policy policy{.interval = seconds(2), .jitter_percent = 10};
  Instant earliest = Instant::max();
  Instant latest{};
  for (int i = 0; i < 1000; ++i) {
    Tracker tracker(policy, Instant{}, random);
    ASSERT_LE(tracker.due(), Instant{} + seconds(2));
    earliest = std::min(earliest, tracker.due());
    latest = std::max(latest, tracker.due());
    const Instant end = Instant{} + seconds(10);
    static_cast<void>(tracker.Finish(true, end, random));
    ASSERT_GE(tracker.due() - end, std::chrono::milliseconds(1800));
    ASSERT_LE(tracker.due() - end, std::chrono::milliseconds(2200));
  }
  EXPECT_LT(earliest, Instant{} + std::chrono::milliseconds(100));
  EXPECT_GT(latest, Instant{} + std::chrono::milliseconds(1900));
}

// Up and down once in ten seconds.
void Flap(Tracker& tracker, Instant& now, Random& random) {
  now += seconds(5);
  ASSERT_TRUE(tracker.Finish(false, now, random));
  now += seconds(5);
  static_cast<void>(tracker.Finish(true, now, random));
}

TEST(Tracker, HoldsAFlappingBackendDownUntilItsPenaltyHasDecayed) {
  SeededRandom random(3);
  Instant now{};
  Tracker tracker({.rise = 1, .fall = 1, .half_life = seconds(60)}, now, random);
  ASSERT_TRUE(tracker.Finish(true, now, random));
  int falls = 0;
  while (tracker.state() == State::kUp && falls < 10) {
    Flap(tracker, now, random);
    ++falls;
  }
  EXPECT_EQ(falls, 5);  // 10 s apart the fifth comes over the threshold; at once the fourth would
  EXPECT_EQ(tracker.state(), State::kDown);
  const Nanoseconds wait = tracker.SuppressedFor(now);
  EXPECT_GT(wait, seconds(60));
  EXPECT_LT(wait, seconds(180));
  EXPECT_FALSE(tracker.Finish(true, now + wait - seconds(1), random));
  EXPECT_TRUE(tracker.Finish(true, now + wait, random));
  EXPECT_EQ(tracker.state(), State::kUp);
  EXPECT_EQ(tracker.SuppressedFor(now + wait), Nanoseconds::zero());
}

TEST(Tracker, RareFallsAreNotFlapping) {
  SeededRandom random(3);
  Instant now{};
  Tracker tracker({.rise = 1, .fall = 1, .half_life = seconds(60)}, now, random);
  ASSERT_TRUE(tracker.Finish(true, now, random));
  for (int i = 0; i < 20; ++i) {
    now += seconds(300);
    ASSERT_TRUE(tracker.Finish(false, now, random));
    now += seconds(2);
    ASSERT_TRUE(tracker.Finish(true, now, random)) << "fall " << i;
  }
}

TEST(Tracker, KeepsItsStateWhenThePolicyChanges) {
  SeededRandom random(3);
  Instant now{};
  Tracker tracker({.fall = 3}, now, random);
  ASSERT_TRUE(tracker.Finish(true, now, random));
  ASSERT_FALSE(tracker.Finish(false, now, random));
  tracker.Adopt({.fall = 2});
  EXPECT_EQ(tracker.state(), State::kUp);
  EXPECT_EQ(tracker.against(), 1U);
  EXPECT_TRUE(tracker.Finish(false, now, random));
  EXPECT_EQ(tracker.state(), State::kDown);
}

}  // namespace
}  // namespace joinery::health
