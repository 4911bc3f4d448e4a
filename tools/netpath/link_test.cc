#include "tools/netpath/link.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace joinery::netpath {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr uint64_t kSeed = 7;
constexpr size_t kFull = 1500;  // bytes

// Everything that arrives by `until`, by its first byte.
std::vector<int> ArrivedBy(Link& link, Instant until) {
  std::vector<int> marks;
  while (const auto packet = link.Deliver(until)) marks.push_back(packet->front());
  return marks;
}

Packet Marked(uint8_t mark, size_t size = kFull) { return Packet(size, mark); }

TEST(Link, WithoutConditionsEverythingArrivesAtOnceInOrder) {
  Link link({}, kSeed);
  for (uint8_t i = 0; i < 5; ++i) link.Send(Marked(i), Instant{});
  EXPECT_EQ(ArrivedBy(link, Instant{}), (std::vector{0, 1, 2, 3, 4}));
  EXPECT_FALSE(link.next().has_value());
}

TEST(Link, DelayIsExact) {
  Link link({.delay = milliseconds(25)}, kSeed);
  link.Send(Marked(1), Instant{} + milliseconds(10));
  EXPECT_EQ(link.next(), Instant{} + milliseconds(35));
  EXPECT_TRUE(ArrivedBy(link, Instant{} + milliseconds(35) - Nanoseconds(1)).empty());
  EXPECT_EQ(ArrivedBy(link, Instant{} + milliseconds(35)), std::vector{1});
}

TEST(Link, RateSpacesPackets) {
  Link link({.rate = 12'000'000}, kSeed);  // 1500 bytes take a millisecond
  for (uint8_t i = 0; i < 3; ++i) link.Send(Marked(i), Instant{});
  EXPECT_EQ(ArrivedBy(link, Instant{} + milliseconds(1)), std::vector{0});
  EXPECT_EQ(ArrivedBy(link, Instant{} + milliseconds(2)), std::vector{1});
  EXPECT_EQ(link.next(), Instant{} + milliseconds(3));
}

TEST(Link, TheWireRestsWhenNothingComes) {
  Link link({.rate = 12'000'000}, kSeed);
  link.Send(Marked(1), Instant{});
  link.Send(Marked(2), Instant{} + milliseconds(10));
  EXPECT_EQ(ArrivedBy(link, Instant{} + milliseconds(1)), std::vector{1});
  EXPECT_EQ(link.next(), Instant{} + milliseconds(11));
}

TEST(Link, AFullQueueDropsWhatComes) {
  Link link({.rate = 12'000'000, .queue = 2}, kSeed);
  for (uint8_t i = 0; i < 5; ++i) link.Send(Marked(i), Instant{});  // one on the wire, two wait
  EXPECT_EQ(link.counters().overflowed, 2u);
  link.Send(Marked(5), Instant{} + milliseconds(1));  // the first has left
  EXPECT_EQ(ArrivedBy(link, Instant{} + milliseconds(9)), (std::vector{0, 1, 2, 5}));
}

TEST(Link, LosesItsShareAndCountsIt) {
  constexpr uint32_t kPackets = 100'000;
  Link link({.loss = kCertain / 200}, kSeed);
  for (uint32_t i = 0; i < kPackets; ++i) link.Send(Marked(0, 1), Instant{});
  EXPECT_NEAR(static_cast<double>(link.counters().lost), kPackets / 200, 80);  // 3.6 sigma
  EXPECT_EQ(ArrivedBy(link, Instant{}).size(), kPackets - link.counters().lost);
}

TEST(Link, CertainLossLosesAll) {
  Link link({.loss = kCertain}, kSeed);
  link.Send(Marked(1), Instant{});
  EXPECT_EQ(link.counters().lost, 1u);
  EXPECT_FALSE(link.next().has_value());
}

TEST(Link, AnOvertakenPacketComesLater) {
  Link link({.delay = milliseconds(1), .reorder = kCertain / 4, .reorder_by = microseconds(50)},
            kSeed);
  Instant now{};
  for (uint8_t i = 0; i < 100; ++i) link.Send(Marked(i), now += microseconds(10));
  const std::vector<int> marks = ArrivedBy(link, now + milliseconds(2));
  EXPECT_EQ(marks.size(), 100u);
  EXPECT_GT(link.counters().reordered, 10u);
  EXPECT_FALSE(std::ranges::is_sorted(marks));
}

TEST(Link, TheSameSeedLosesTheSamePackets) {
  const Conditions conditions{.loss = kCertain / 10};
  Link one(conditions, kSeed), same(conditions, kSeed), other(conditions, kSeed + 1);
  for (Link* link : {&one, &same, &other}) {
    for (uint8_t i = 0; i < 200; ++i) link->Send(Marked(i), Instant{});
  }
  const std::vector<int> marks = ArrivedBy(one, Instant{});
  EXPECT_EQ(marks, ArrivedBy(same, Instant{}));
  EXPECT_NE(marks, ArrivedBy(other, Instant{}));
}

TEST(Link, LossDoesNotDependOnReordering) {
  Link plain({.loss = kCertain / 10}, kSeed);
  Link mixed({.loss = kCertain / 10, .reorder = kCertain / 10}, kSeed);
  for (Link* link : {&plain, &mixed}) {
    for (uint8_t i = 0; i < 200; ++i) link->Send(Marked(i), Instant{});
  }
  EXPECT_EQ(plain.counters().lost, mixed.counters().lost);
}

}  // namespace
}  // namespace joinery::netpath
