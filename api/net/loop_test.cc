#include "api/net/loop.h"

#include <csignal>
#include <string>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

namespace joinery::api {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Loop, RunUntilGivesUpAtItsLimit) {
  Loop loop;
  EXPECT_FALSE(loop.RunUntil([] { return false; }, milliseconds(5)));
  EXPECT_TRUE(loop.RunUntil([] { return true; }, milliseconds(0)));
}

TEST(Loop, TimersFireInTheirOrder) {
  Loop loop;
  std::string order;
  const auto late = loop.After(milliseconds(20), [&] { order += 'b'; });
  const auto early = loop.After(milliseconds(1), [&] { order += 'a'; });
  ASSERT_TRUE(loop.RunUntil([&] { return order.size() == 2; }, seconds(10)));
  EXPECT_EQ(order, "ab");
}

TEST(Loop, APeriodicTimerGoesOnUntilItIsCancelled) {
  Loop loop;
  int fired = 0;
  Loop::Handle timer;
  timer = loop.Every(milliseconds(1), [&] {
    if (++fired == 3) timer.Cancel();
  });
  bool later = false;
  ASSERT_TRUE(loop.RunUntil([&] { return fired == 3; }, seconds(10)));
  const auto end = loop.After(milliseconds(20), [&] { later = true; });
  ASSERT_TRUE(loop.RunUntil([&] { return later; }, seconds(10)));
  EXPECT_EQ(fired, 3);
}

TEST(Loop, ADestroyedHandleIsSilent) {
  Loop loop;
  bool later = false;
  {
    const auto timer = loop.After(milliseconds(1), [] { FAIL() << "it was cancelled"; });
  }
  const auto end = loop.After(milliseconds(20), [&] { later = true; });
  EXPECT_TRUE(loop.RunUntil([&] { return later; }, seconds(10)));
}

TEST(Loop, AHandleMayBeReplacedInItsOwnCallback) {
  Loop loop;
  int fired = 0;
  Loop::Handle timer;
  timer = loop.After(milliseconds(1), [&] {
    ++fired;
    timer = loop.After(milliseconds(1), [&] { ++fired; });
  });
  EXPECT_TRUE(loop.RunUntil([&] { return fired == 2; }, seconds(10)));
}

TEST(Loop, AStopBeforeTheRunEndsIt) {
  Loop loop;
  loop.Stop();
  loop.Run();  // or the test never ends
}

TEST(Loop, OtherThreadsMayPostAndStop) {
  Loop loop;
  int posted = 0;
  std::thread other([&] {
    for (int i = 0; i < 100; ++i) loop.Post([&] { ++posted; });
    loop.Post([&] { loop.Stop(); });
  });
  loop.Run();
  other.join();
  EXPECT_EQ(posted, 100);
}

TEST(Loop, ASignalArrivesAsACallback) {
  Loop loop;
  int arrived = 0;
  const auto handle = loop.OnSignal(SIGUSR1, [&] { ++arrived; });
  for (int expected = 1; expected <= 2; ++expected) {
    ASSERT_EQ(raise(SIGUSR1), 0);
    ASSERT_TRUE(loop.RunUntil([&] { return arrived == expected; }, seconds(10)));
  }
}

TEST(Loop, ADescriptorIsReadWhenItCanBe) {
  Loop loop;
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  std::string read_bytes;
  {
    const auto handle = loop.OnReadable(ends[0], [&] {
      char byte = 0;
      if (read(ends[0], &byte, 1) == 1) read_bytes += byte;
    });
    for (const char* text : {"a", "bc"}) {
      ASSERT_GT(write(ends[1], text, std::string_view(text).size()), 0);
    }
    EXPECT_TRUE(loop.RunUntil([&] { return read_bytes == "abc"; }, seconds(10)));
  }
  // The descriptor is the caller's, and still open.
  ASSERT_EQ(write(ends[1], "d", 1), 1);
  char byte = 0;
  EXPECT_EQ(read(ends[0], &byte, 1), 1);
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace joinery::api
