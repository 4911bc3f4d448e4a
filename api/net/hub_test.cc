#include "api/net/hub.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "api/digest.h"
#include "api/net/exchange.h"
#include "api/net/testing.h"

namespace joinery::api {
namespace {

// A watcher without a server: what it was told, and its way to leave.
struct Ear : Responder::Exchange {
  std::vector<Response> heard{};
  std::function<void()> gone{};
  bool released = false;

  void Send(Response response) override { heard.push_back(std::move(response)); }
  void OnGone(std::function<void()> callback) override { gone = std::move(callback); }
  void Release() override { released = true; }
};

class HubTest : public testing::Test {
 protected:
  std::shared_ptr<Ear> Watch(std::string_view resource, std::string after,
                             std::string wait = "60") {
    auto ear = std::make_shared<Ear>();
    Request request;
    if (!after.empty()) request.parameters.emplace_back("after", std::move(after));
    if (!wait.empty()) request.parameters.emplace_back("wait_s", std::move(wait));
    hub_.Watch(resource, request, Responder(ear));
    return ear;
  }

  Loop loop_;
  SeededRandom random_{1};
  Hub hub_{loop_, random_};
};

TEST_F(HubTest, WhatIsNewComesAtOnce) {
  hub_.Publish("web", {.epoch = 1, .version = 2}, "view");
  for (const char* after : {"", "1.1", "1.3", "0.0", "2.2"}) {
    SCOPED_TRACE(after);
    const auto ear = Watch("web", after);
    ASSERT_EQ(ear->heard.size(), 1U);
    EXPECT_EQ(ear->heard[0].status, 200U);
    EXPECT_EQ(*ear->heard[0].body, "view");
    EXPECT_EQ(ear->heard[0].digest, DigestOf("view"));
    EXPECT_EQ(ear->heard[0].position, (Position{.epoch = 1, .version = 2}));
  }
}

TEST_F(HubTest, AChangeWakesAllWithTheSameBytes) {
  hub_.Publish("web", {.epoch = 1, .version = 1}, "one");
  const auto first = Watch("web", "1.1");
  const auto second = Watch("web", "1.1");
  const auto other = Watch("mail", "1.1");
  EXPECT_EQ(hub_.watchers(), 3U);
  EXPECT_EQ(hub_.watchers("web"), 2U);
  EXPECT_TRUE(first->heard.empty());
  hub_.Publish("web", {.epoch = 1, .version = 2}, "two");
  ASSERT_EQ(first->heard.size(), 1U);
  ASSERT_EQ(second->heard.size(), 1U);
  EXPECT_EQ(first->heard[0].body, second->heard[0].body);  // the pointer
  EXPECT_TRUE(other->heard.empty());
  EXPECT_EQ(hub_.watchers(), 1U);
  EXPECT_EQ(hub_.Find("web")->at.version, 2U);
}

TEST_F(HubTest, WhatIsNotThereYetIsWaitedFor) {
  const auto ear = Watch("web", "");
  EXPECT_EQ(hub_.Find("web"), nullptr);
  EXPECT_TRUE(ear->heard.empty());
  hub_.Publish("web", {.epoch = 1, .version = 1}, "one");
  ASSERT_EQ(ear->heard.size(), 1U);
  EXPECT_EQ(ear->heard[0].status, 200U);
}

TEST_F(HubTest, WithoutAChangeTheAnswerIs204) {
  hub_.Publish("web", {.epoch = 1, .version = 1}, "one");
  const auto long_one = Watch("web", "1.1", "60");
  const auto short_one = Watch("web", "1.1", "0");
  ASSERT_TRUE(Eventually(loop_, [&] { return !short_one->heard.empty(); }));
  EXPECT_EQ(short_one->heard[0].status, 204U);
  EXPECT_EQ(short_one->heard[0].body, nullptr);
  EXPECT_TRUE(long_one->heard.empty());
  EXPECT_EQ(hub_.watchers("web"), 1U);
}

TEST_F(HubTest, WhoIsGoneIsForgotten) {
  const auto ear = Watch("web", "1.1");
  const auto stays = Watch("web", "1.1");
  ear->gone();
  EXPECT_TRUE(ear->released);
  EXPECT_EQ(hub_.watchers(), 1U);
  hub_.Publish("web", {.epoch = 1, .version = 2}, "two");
  EXPECT_TRUE(ear->heard.empty());
  EXPECT_EQ(stays->heard.size(), 1U);
}

TEST_F(HubTest, WhatIsWithdrawnIsGoneForItsWatchers) {
  hub_.Publish("web", {.epoch = 1, .version = 1}, "one");
  const auto ear = Watch("web", "1.1");
  hub_.Withdraw("web");
  ASSERT_EQ(ear->heard.size(), 1U);
  EXPECT_EQ(ear->heard[0].status, 404U);
  EXPECT_EQ(hub_.Find("web"), nullptr);
  hub_.Withdraw("web");
}

TEST_F(HubTest, QuestionsThatAreNoneAreRefused) {
  for (const auto& [after, wait] : std::vector<std::pair<std::string, std::string>>{
           {"1", "5"}, {"x.y", "5"}, {"1.1", "-1"}, {"1.1", "5s"}}) {
    const auto ear = Watch("web", after, wait);
    ASSERT_EQ(ear->heard.size(), 1U) << after << " " << wait;
    EXPECT_EQ(ear->heard[0].status, 400U);
  }
  EXPECT_EQ(hub_.watchers(), 0U);
}

// Those who came together come back one after the other.
TEST_F(HubTest, WaitsAreSpread) {
  constexpr Nanoseconds kWait = std::chrono::seconds(30);
  Nanoseconds least = kWait;
  Nanoseconds most{};
  for (int i = 0; i < 1'000; ++i) {
    const Nanoseconds wait = Shortened(kWait, random_);
    least = std::min(least, wait);
    most = std::max(most, wait);
  }
  EXPECT_GE(least, kWait * 9 / 10);
  EXPECT_LE(most, kWait);
  EXPECT_GT(most - least, kWait / 11);
}

}  // namespace
}  // namespace joinery::api
