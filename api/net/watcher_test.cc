// Watchers against a real server: views, restarts, refusals, and many at a time.
#include "api/net/watcher.h"

#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "api/digest.h"
#include "api/net/hub.h"
#include "api/net/server.h"
#include "api/net/testing.h"

namespace joinery::api {
namespace {

using std::chrono::milliseconds;

class WatcherTest : public testing::Test {
 protected:
  // One run of control: its server and its hub.
  struct Control {
    Control(Loop& loop, Random& random, const ServerLimits& limits)
        : hub(loop, random), server(loop, limits) {
      server.Route("GET", "/view", [this](const Request& request, Responder responder) {
        ++polls;
        if (refuse) {
          responder.Send(ErrorResponse(503, "not ready"));
        } else {
          hub.Watch("view", request, std::move(responder));
        }
      });
    }
    Hub hub;
    Server server;
    int polls = 0;
    bool refuse = false;
  };

  void Start(const ServerLimits& limits = {.connections_per_peer = 4'096}) {
    control_ = std::make_unique<Control>(loop_, random_, limits);
    ASSERT_TRUE(control_->server.Listen(UnixListener{.path = path_}).has_value());
  }
  std::unique_ptr<Watcher> Watch(std::optional<Position> after = {}) {
    return std::make_unique<Watcher>(
        loop_, Endpoint{.unix_path = path_},
        WatchOptions{.path = "/view",
                     .after = after,
                     .min_pause = milliseconds(5),
                     .max_pause = milliseconds(50)},
        WatchEvents{
            .on_view = [this](WatchedView view) { views_.push_back(std::move(view)); },
            .on_contact = [this] { ++contacts_; },
            .on_trouble = [this](const Error& error) { troubles_.push_back(error.message); }},
        random_);
  }
  [[nodiscard]] bool Sees(size_t views) {
    return Eventually(loop_, [&] { return views_.size() == views; });
  }
  [[nodiscard]] bool Waits(size_t watchers) {
    return Eventually(loop_, [&] { return control_->hub.watchers() == watchers; });
  }
  static Position Version(uint64_t version) { return {.epoch = 1, .version = version}; }

  TestFolder folder_;
  std::string path_ = folder_ / "s";
  Loop loop_;
  SeededRandom random_{7};
  std::unique_ptr<Control> control_;
  std::vector<WatchedView> views_;
  std::vector<std::string> troubles_;
  int contacts_ = 0;
};

TEST_F(WatcherTest, EachViewComesOnce) {
  Start();
  control_->hub.Publish("view", Version(1), "one");
  const auto watcher = Watch();
  ASSERT_TRUE(Sees(1));
  ASSERT_TRUE(Waits(1));
  control_->hub.Publish("view", Version(2), "two");
  ASSERT_TRUE(Sees(2));
  ASSERT_TRUE(Waits(1));
  EXPECT_EQ(views_[0].bytes, "one");
  EXPECT_EQ(views_[1].bytes, "two");
  EXPECT_EQ(views_[1].stamp.at, Version(2));
  EXPECT_EQ(views_[1].stamp.digest, DigestOf("two"));
  EXPECT_EQ(control_->polls, 3);
  EXPECT_EQ(control_->server.counters().accepted, 1U);  // one connection for all
  EXPECT_TRUE(troubles_.empty());
}

TEST_F(WatcherTest, WhoHasTheCurrentViewWaits) {
  Start();
  control_->hub.Publish("view", Version(5), "five");
  const auto watcher = Watch(Version(5));
  ASSERT_TRUE(Waits(1));
  EXPECT_TRUE(views_.empty());
}

TEST_F(WatcherTest, ALowerPositionIsShownToo) {
  Start();
  control_->hub.Publish("view", Version(5), "five");
  const auto watcher = Watch(Position{.epoch = 9, .version = 9});
  ASSERT_TRUE(Sees(1));
  EXPECT_EQ(views_[0].stamp.at, Version(5));
  // Refused or not, it is not sent again.
  ASSERT_TRUE(Waits(1));
  EXPECT_EQ(control_->polls, 2);
}

TEST_F(WatcherTest, ARestartOfTheServerIsOutlived) {
  Start();
  control_->hub.Publish("view", Version(1), "one");
  const auto watcher = Watch();
  ASSERT_TRUE(Sees(1));
  ASSERT_TRUE(Waits(1));
  control_.reset();
  ASSERT_TRUE(Eventually(loop_, [&] { return troubles_.size() >= 3; }));
  Start();
  control_->hub.Publish("view", Version(2), "two");
  ASSERT_TRUE(Sees(2));
  EXPECT_EQ(views_[1].bytes, "two");
  EXPECT_NE(troubles_[1].find("connecting"), std::string::npos) << troubles_[1];
}

TEST_F(WatcherTest, AnErrorIsTroubleAndTriedAgain) {
  Start();
  control_->refuse = true;
  control_->hub.Publish("view", Version(1), "one");
  const auto watcher = Watch();
  ASSERT_TRUE(Eventually(loop_, [&] { return troubles_.size() >= 3; }));
  EXPECT_EQ(troubles_[0], fmt::format("unix:{}: /view: not ready", path_));
  EXPECT_EQ(contacts_, 0);
  control_->refuse = false;
  EXPECT_TRUE(Sees(1));
}

TEST_F(WatcherTest, RestartAsksFromAnotherPlace) {
  Start();
  control_->hub.Publish("view", Version(1), "one");
  const auto watcher = Watch();
  ASSERT_TRUE(Sees(1));
  ASSERT_TRUE(Waits(1));
  watcher->Restart(std::nullopt);
  ASSERT_TRUE(Sees(2));
  EXPECT_EQ(views_[1].bytes, "one");
}

TEST_F(WatcherTest, ACallbackMayEndItsWatcher) {
  Start();
  control_->hub.Publish("view", Version(1), "one");
  std::unique_ptr<Watcher> watcher;
  watcher = std::make_unique<Watcher>(
      loop_, Endpoint{.unix_path = path_}, WatchOptions{.path = "/view"},
      WatchEvents{.on_view = [&](const WatchedView&) { watcher.reset(); }}, random_);
  EXPECT_TRUE(
      Eventually(loop_, [&] { return watcher == nullptr && control_->server.connections() == 0; }));
}

// A server that says one thing and sends another; a raw one, for ours does not.
TEST_F(WatcherTest, AWrongDigestIsNoView) {
  Server liar(loop_);
  liar.Route("GET", "/view", [](const Request&, Responder responder) {
    Response response = JsonResponse("one");
    response.digest = DigestOf("two");
    response.position = Version(1);
    responder.Send(std::move(response));
  });
  ASSERT_TRUE(liar.Listen(UnixListener{.path = path_}).has_value());
  const auto watcher = Watch();
  ASSERT_TRUE(Eventually(loop_, [&] { return !troubles_.empty(); }));
  EXPECT_NE(troubles_[0].find("Content-Digest"), std::string::npos) << troubles_[0];
  EXPECT_TRUE(views_.empty());
}

TEST_F(WatcherTest, ManyAreWokenTogether) {
  constexpr size_t kWatchers = 1'000;
  RaiseFileLimit();
  Start();
  control_->hub.Publish("view", Version(1), "one");
  std::vector<std::unique_ptr<Watcher>> watchers;
  for (size_t i = 0; i < kWatchers; ++i) watchers.push_back(Watch(Version(1)));
  ASSERT_TRUE(Waits(kWatchers));
  control_->hub.Publish("view", Version(2), std::string(10'000, 'x'));
  ASSERT_TRUE(Sees(kWatchers));
  ASSERT_TRUE(Waits(kWatchers));
  watchers.clear();
  ASSERT_TRUE(Waits(0));
  EXPECT_TRUE(Eventually(loop_, [&] { return control_->server.connections() == 0; }));
}

}  // namespace
}  // namespace joinery::api
