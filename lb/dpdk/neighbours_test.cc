#include "lb/dpdk/neighbours.h"

#include <thread>

#include <gtest/gtest.h>

namespace joinery::dpdk {
namespace {

constexpr MacAddress kMac{{2, 0, 0, 0, 0, 7}};

IpAddress Ip(std::string_view text) { return IpAddress::Parse(text).value(); }

TEST(NeighboursTest, AcquiresInOrderAndReleases) {
  Neighbours neighbours({});
  const std::vector<steer::NextHop> hops = {{Ip("198.18.0.7"), 0}, {Ip("198.18.0.8"), 0}};
  const std::vector<neighbour::Slot> slots = neighbours.Acquire(hops, Instant{}).value();
  ASSERT_EQ(slots.size(), 2U);
  neighbours.Lock().table.Answered(0, Ip("198.18.0.8"), kMac, Instant{});
  EXPECT_FALSE(neighbours.Load(slots[0]).usable());
  EXPECT_EQ(neighbours.Load(slots[1]).mac(), kMac);
  neighbours.Release(slots);
  EXPECT_EQ(neighbours.Lock().table.size(), 0U);
}

TEST(NeighboursTest, AcquiresAllOrNone) {
  Neighbours neighbours({});
  std::vector<steer::NextHop> hops;
  for (uint32_t i = 0; i <= neighbour::Table::kMaxCapacity; ++i) {
    const std::array<uint8_t, 4> bytes = {10, static_cast<uint8_t>(i >> 16),
                                          static_cast<uint8_t>(i >> 8), static_cast<uint8_t>(i)};
    hops.push_back({IpAddress::V4(bytes), 0});
  }
  EXPECT_FALSE(neighbours.Acquire(hops, Instant{}));
  EXPECT_EQ(neighbours.Lock().table.size(), 0U);
}

TEST(NeighboursTest, AnLcoreNeverWaitsForTheLock) {
  Neighbours neighbours({});
  const Neighbours::Locked held = neighbours.Lock();
  std::thread([&] { EXPECT_FALSE(neighbours.TryLock()); }).join();
}

TEST(NeighboursTest, WaitsForAnswersAndNoLonger) {
  Neighbours neighbours({});
  const std::vector<steer::NextHop> hops = {{Ip("198.18.0.7"), 0}};
  const std::vector<neighbour::Slot> slots = neighbours.Acquire(hops, Instant{}).value();
  // Nobody answers: it gives up.
  neighbours.WaitForAnswers(slots, std::chrono::milliseconds(20));
  EXPECT_FALSE(neighbours.Load(slots[0]).usable());
  // An answer that comes meanwhile ends the wait, long before its patience does.
  const auto start = std::chrono::steady_clock::now();
  std::thread answer(
      [&] { neighbours.Lock().table.Answered(0, Ip("198.18.0.7"), kMac, Instant{}); });
  neighbours.WaitForAnswers(slots, std::chrono::minutes(10));
  answer.join();
  EXPECT_TRUE(neighbours.Load(slots[0]).usable());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::minutes(1));
}

}  // namespace
}  // namespace joinery::dpdk
