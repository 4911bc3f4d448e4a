#include "lb/neighbour/table.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace joinery::neighbour {
namespace {

constexpr MacAddress kMac{{2, 0, 0, 0, 0, 0xa}};

IpAddress Ip(std::string_view text) { return IpAddress::Parse(text).value(); }

Instant At(int seconds) { return Instant{std::chrono::seconds(seconds)}; }

TEST(TableTest, ResolvesAndPublishesTheLinkAddress) {
  Table table(8);
  const Slot slot = table.Acquire(3, Ip("198.18.0.7"), At(0)).value();
  EXPECT_FALSE(table.Load(slot).usable());

  std::array<Probe, 4> probes;
  ASSERT_EQ(table.Tick(At(0), probes), 1U);
  EXPECT_EQ(probes[0].port, 3);
  EXPECT_EQ(probes[0].target, Ip("198.18.0.7"));
  EXPECT_EQ(probes[0].unicast, std::nullopt);

  table.Answered(3, Ip("198.18.0.7"), kMac, At(0));
  EXPECT_TRUE(table.Load(slot).usable());
  EXPECT_EQ(table.Load(slot).mac(), kMac);

  ASSERT_EQ(table.Tick(At(31), probes), 1U);
  EXPECT_EQ(probes[0].unicast, kMac);
  EXPECT_EQ(table.Load(slot).state(), State::kStale);
}

TEST(TableTest, IgnoresAddressesThatNobodyWants) {
  Table table(8);
  const Slot slot = table.Acquire(0, Ip("198.18.0.7"), At(0)).value();
  table.Answered(0, Ip("198.18.0.8"), kMac, At(0));
  table.Answered(1, Ip("198.18.0.7"), kMac, At(0));  // the right address on another port
  EXPECT_EQ(table.size(), 1U);
  EXPECT_EQ(table.Load(slot).state(), State::kIncomplete);
}

TEST(TableTest, IsBoundedAndSaysSo) {
  Table table(2);
  ASSERT_TRUE(table.Acquire(0, Ip("198.18.0.1"), At(0)));
  ASSERT_TRUE(table.Acquire(0, Ip("198.18.0.2"), At(0)));
  const auto full = table.Acquire(0, Ip("198.18.0.3"), At(0));
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().message,
            "neighbour 198.18.0.3: the table is full; at most 2 next hops fit");
}

TEST(TableTest, KeepsWhatIsKnownAcrossAReload) {
  Table table(4);
  const Slot before = table.Acquire(0, Ip("2001:db8::7"), At(0)).value();
  table.Answered(0, Ip("2001:db8::7"), kMac, At(0));
  const Slot after = table.Acquire(0, Ip("2001:db8::7"), At(1)).value();
  EXPECT_EQ(before, after);
  table.Release(before);
  EXPECT_TRUE(table.Load(after).usable());
  table.Release(after);
  EXPECT_EQ(table.size(), 0U);
  // A neighbour that comes back starts anew, without its former link address.
  EXPECT_FALSE(table.Load(table.Acquire(0, Ip("2001:db8::7"), At(2)).value()).usable());
}

TEST(TableTest, DemandAsksAnUnreachableNeighbourSooner) {
  Table table(4);
  const Slot slot = table.Acquire(0, Ip("198.18.0.7"), At(0)).value();
  std::array<Probe, 4> probes;
  for (int second = 0; second < 3; ++second) EXPECT_EQ(table.Tick(At(second), probes), 1U);
  EXPECT_EQ(table.Tick(At(3), probes), 0U);
  EXPECT_EQ(table.Load(slot).state(), State::kUnreachable);
  EXPECT_EQ(table.Tick(At(4), probes), 0U);
  table.Demand(slot);
  EXPECT_EQ(table.Tick(At(4), probes), 1U);
  EXPECT_EQ(table.Tick(At(4), probes), 0U);
}

TEST(TableTest, ATickWritesNoMoreQuestionsThanFitAndForgetsNone) {
  Table table(64);
  for (int i = 1; i <= 10; ++i) {
    ASSERT_TRUE(table.Acquire(0, Ip("198.18.0." + std::to_string(i)), At(0)));
  }
  std::array<Probe, 4> probes;
  EXPECT_EQ(table.Tick(At(0), probes), 4U);
  EXPECT_EQ(table.Tick(At(0), probes), 4U);
  EXPECT_EQ(table.Tick(At(0), probes), 2U);
  EXPECT_EQ(table.Tick(At(0), probes), 0U);
}

TEST(TableTest, StatusListsEveryNeighbour) {
  Table table(4);
  const Slot first = table.Acquire(0, Ip("198.18.0.1"), At(0)).value();
  ASSERT_TRUE(table.Acquire(1, Ip("198.18.0.2"), At(0)));
  table.Release(first);
  const std::vector<NeighbourStatus> status = table.Status();
  ASSERT_EQ(status.size(), 1U);
  EXPECT_EQ(status[0].port, 1);
  EXPECT_EQ(status[0].address, Ip("198.18.0.2"));
  EXPECT_EQ(status[0].link.state(), State::kIncomplete);
}

}  // namespace
}  // namespace joinery::neighbour
