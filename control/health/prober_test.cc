// Over a transport that answers as it is told. Waits are of a millisecond and polled with a
// deadline.
#include "control/health/prober.h"

#include <chrono>
#include <functional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "base/random.h"
#include "control/health/scripted_transport.h"

namespace joinery::health {
namespace {

constexpr std::chrono::seconds kDeadline{20};

Target TargetNamed(const std::string& name, uint8_t host = 1, Policy policy = {}) {
  const uint8_t address[] = {198, 18, 0, host};
  const uint8_t vip[] = {198, 18, 1, 1};
  policy.interval = std::chrono::milliseconds(1);
  return {.name = name,
          .way = {.backend = IpAddress::V4(address)},
          .vip = IpAddress::V4(vip),
          .port = Port(80),
          .check = {},
          .policy = policy};
}

class ProberTest : public testing::Test {
 protected:
  bool Until(const std::function<bool()>& holds) {
    const auto end = std::chrono::steady_clock::now() + kDeadline;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > end) return false;
      io_.run_one_for(std::chrono::milliseconds(20));
    }
    return true;
  }
  // Until so many more checks of it were counted.
  bool AfterChecks(const std::string& name, uint64_t count) {
    const uint64_t enough = Of(name).checks + count;
    return Until([&] { return Of(name).checks >= enough; });
  }
  Status Of(const std::string& name) {
    for (const Status& status : prober_.Read()) {
      if (status.name == name) return status;
    }
    return {};
  }

  boost::asio::io_context io_{1};
  BootClock clock_;
  SeededRandom random_{1};
  std::shared_ptr<Script> script_ = std::make_shared<Script>();
  std::vector<std::string> said_;
  Prober prober_{
      io_,
      clock_,
      random_,
      Script::Play(script_),
      {.changed =
           [this](const Target& target, State state, const std::string& detail) {
             said_.push_back(target.name + " " + std::string(Name(state)) + ": " + detail);
           },
       .owner = [](const Target&, Token) { return TokenOwner::kUnread; }}};
};

TEST_F(ProberTest, SaysWhatChangesAndCounts) {
  ASSERT_TRUE(prober_.Adopt({TargetNamed("a"), TargetNamed("b")}));
  EXPECT_EQ(Of("a").state, State::kUnknown);
  ASSERT_TRUE(Until([&] { return said_.size() == 2; }));
  EXPECT_EQ(Of("a").state, State::kUp);
  script_->Answer("b", {.ok = false, .detail = "refused"});
  ASSERT_TRUE(Until([&] { return said_.size() == 3; }));
  EXPECT_EQ(said_.back(), "b down: refused");
  EXPECT_GE(Of("b").failures, 3U);
  EXPECT_EQ(Of("b").last_failure, "refused");
  EXPECT_EQ(Of("a").failures, 0U);
  script_->Answer("b", {.ok = true, .detail = "connected"});
  ASSERT_TRUE(Until([&] { return said_.size() == 4; }));
  EXPECT_EQ(said_.back(), "b up: connected");
  EXPECT_EQ(Of("b").last_failure, "refused") << "it stays to be read";
}

TEST_F(ProberTest, AReloadKeepsWhatIsKnownOfWhoStays) {
  ASSERT_TRUE(prober_.Adopt({TargetNamed("gone"), TargetNamed("stays", 2)}));
  script_->Answer("stays", {.ok = false, .detail = "refused"});
  ASSERT_TRUE(Until([&] { return said_.size() == 2; }));
  const Status before = Of("stays");
  EXPECT_EQ(before.state, State::kDown);
  said_.clear();
  ASSERT_TRUE(prober_.Adopt({TargetNamed("stays", 2, {.rise = 1}), TargetNamed("new", 3)}));
  EXPECT_EQ(Of("stays").state, State::kDown);
  EXPECT_EQ(Of("stays").since, before.since);
  EXPECT_GE(Of("stays").checks, before.checks);
  EXPECT_EQ(Of("new").state, State::kUnknown);
  EXPECT_EQ(prober_.Read().size(), 2U);
  ASSERT_TRUE(AfterChecks("stays", 5));
  ASSERT_TRUE(AfterChecks("new", 1));
  EXPECT_EQ(said_, std::vector<std::string>{"new up: connected"}) << "down is no news";
}

TEST_F(ProberTest, WhoComesAndGoesIsHeldDown) {
  const Policy quick = {.rise = 1, .fall = 1, .half_life = std::chrono::hours(1)};
  ASSERT_TRUE(prober_.Adopt({TargetNamed("a", 1, quick)}));
  ASSERT_TRUE(Until([&] { return Of("a").state == State::kUp; }));
  for (int falls = 0; falls < 4; ++falls) {
    EXPECT_EQ(Of("a").held, Nanoseconds::zero()) << falls;
    script_->Answer("a", {.ok = false, .detail = "refused"});
    ASSERT_TRUE(Until([&] { return Of("a").state == State::kDown; })) << falls;
    script_->Answer("a", {.ok = true, .detail = "connected"});
    if (falls < 3) {
      ASSERT_TRUE(Until([&] { return Of("a").state == State::kUp; })) << falls;
    }
  }
  ASSERT_TRUE(AfterChecks("a", 10));
  EXPECT_EQ(Of("a").state, State::kDown);
  EXPECT_GT(Of("a").held, std::chrono::hours(1));
}

TEST_F(ProberTest, WhoHasMovedIsUnknown) {
  ASSERT_TRUE(prober_.Adopt({TargetNamed("a", 1)}));
  script_->Answer("a", {.ok = false, .detail = "refused"});
  ASSERT_TRUE(Until([&] { return Of("a").state == State::kDown; }));
  ASSERT_TRUE(prober_.Adopt({TargetNamed("a", 2)}));
  EXPECT_EQ(Of("a").state, State::kUnknown);
  EXPECT_EQ(Of("a").checks, 0U);
}

TEST_F(ProberTest, WhatTheTransportRefusesChangesNothing) {
  ASSERT_TRUE(prober_.Adopt({TargetNamed("a")}));
  script_->Refuse("no room");
  const auto adopted = prober_.Adopt({TargetNamed("a"), TargetNamed("b")});
  ASSERT_FALSE(adopted);
  EXPECT_EQ(adopted.error().message, "no room");
  EXPECT_EQ(prober_.Read().size(), 1U);
  EXPECT_TRUE(AfterChecks("a", 3));
}

TEST_F(ProberTest, WhoIsLetGoIsAskedNoMore) {
  ASSERT_TRUE(prober_.Adopt({TargetNamed("a"), TargetNamed("b")}));
  ASSERT_TRUE(AfterChecks("b", 2));
  ASSERT_TRUE(prober_.Adopt({TargetNamed("a")}));
  const size_t asked = script_->Checks("b");
  ASSERT_TRUE(AfterChecks("a", 5));
  EXPECT_EQ(script_->Checks("b"), asked);
}

}  // namespace
}  // namespace joinery::health
