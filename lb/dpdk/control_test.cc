#include "lb/dpdk/control.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>

#include <gtest/gtest.h>

namespace joinery::dpdk {
namespace {

template <typename Holds>
bool Eventually(const Holds& holds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

TEST(ControlTest, HangupReloadsAndTerminationStops) {
  Control control;
  std::atomic<int> firsts = 0;
  std::atomic<int> reloads = 0;
  control.Start([&] { ++firsts; }, [&] { ++reloads; });
  EXPECT_TRUE(Eventually([&] { return firsts == 1; }));
  for (int i = 1; i <= 3; ++i) {
    std::raise(SIGHUP);
    EXPECT_TRUE(Eventually([&] { return reloads == i; }));
  }
  EXPECT_FALSE(control.stop_requested());
  std::raise(SIGTERM);
  EXPECT_TRUE(Eventually([&] { return control.stop_requested().load(); }));
  control.Stop();
  EXPECT_EQ(firsts, 1);
}

TEST(ControlTest, ASignalBeforeTheStartWaitsForIt) {
  Control control;
  std::raise(SIGINT);  // without a Control it would end the process
  EXPECT_FALSE(control.stop_requested());
  control.Start([] {}, [] {});
  EXPECT_TRUE(Eventually([&] { return control.stop_requested().load(); }));
}

TEST(ControlTest, StopsWithoutASignal) {
  Control control;
  control.Start([] {}, [] {});
  control.Stop();
  EXPECT_TRUE(control.stop_requested());
}

}  // namespace
}  // namespace joinery::dpdk
