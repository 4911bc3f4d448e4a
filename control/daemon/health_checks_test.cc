// Over a transport that answers as it is told, and a model that is set by hand. Checks are some
// milliseconds apart; what is waited for is polled with a deadline.
#include "control/daemon/health_checks.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "control/health/scripted_transport.h"
#include "settings/load_control.h"

namespace joinery::control {
namespace {

constexpr std::chrono::seconds kDeadline{20};
constexpr char kV4[] = "web/b1 at 198.18.1.1";
constexpr char kV6[] = "web/b1 at 2001:db8::1";

settings::ControlConfig Config(bool checked = true) {
  const auto config = settings::LoadControlText("c", R"(
control:
  local: [{socket: /s, balancer: lb1}]
  health: {sources: [198.18.77.0/24, "2001:db8:77::/64"]}
balancers: [{name: lb1, addresses: [198.18.0.2]}]
pools:
  - name: web
    health: {interval_ms: 100, timeout_ms: 10}
    vips: [{address: 198.18.1.1, ports: [80]}, {address: "2001:db8::1", ports: [80]}]
    backends: [{name: b1, address: 198.18.0.11}]
)");
  EXPECT_TRUE(config) << ToString(config.error().front());
  settings::ControlConfig made = *config;
  made.pools[0].health->interval_ms = 2;  // less than an operator may ask for
  if (!checked) made.pools[0].health.reset();
  return made;
}

class HealthChecksTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto vip = [](const char* address) {
      return api::ServedVip{
          .address = *IpAddress::Parse(address), .protocol = 6, .ports = {{Port(80), Port(80)}}};
    };
    Pool& pool = model_.durable.pools["web"];
    pool.service.vips = {vip("198.18.1.1"), vip("2001:db8::1")};
    pool.backends["b1"] = {.id = BackendId(1),
                           .endpoint = {.address = *IpAddress::Parse("198.18.0.11")},
                           .state = BackendState::kUp};
  }
  void Open() {
    const auto play = [this](auto& /*io*/, const health::Prefixes& prefixes) {
      device_ = prefixes.device;
      return Expected<std::unique_ptr<health::Transport>>(health::Script::Play(script_));
    };
    ASSERT_TRUE(checks_.Open(play, *Config().control.health));
  }
  // As the model would take it.
  void Submit(const HealthChanged& event) {
    model_.now.agents[event.backend].healthy = event.healthy;
    said_.push_back(std::string(event.healthy ? "up" : "down") + ": " + event.reason);
  }
  bool Until(const std::function<bool()>& holds) { return loop_.RunUntil(holds, kDeadline); }
  void Fail(const char* target) { script_->Answer(target, {.ok = false, .detail = "refused"}); }
  void Mend(const char* target) { script_->Answer(target, {.ok = true, .detail = "connected"}); }
  BackendHealth B1() { return checks_.Read()[b1_]; }

  const BackendRef b1_ = {.pool = "web", .backend = "b1"};
  api::Loop loop_;
  BootClock clock_;
  SeededRandom random_{1};
  Model model_;
  std::string device_;
  std::vector<std::string> said_;
  std::vector<LogEntry> log_;
  std::shared_ptr<health::Script> script_ = std::make_shared<health::Script>();
  HealthChecks checks_{{.loop = &loop_,
                        .clock = &clock_,
                        .random = &random_,
                        .model = [this]() -> const Model& { return model_; },
                        .submit = [this](const HealthChanged& event) { Submit(event); },
                        .log = [this](const LogEntry& entry) { log_.push_back(entry); }}};
};

TEST_F(HealthChecksTest, UpIsUpAtAllVips) {
  Open();
  EXPECT_EQ(device_, "joinery-check");
  checks_.Configure(Config());
  EXPECT_EQ(B1().state, health::State::kUnknown);
  ASSERT_TRUE(Until([&] { return B1().checks > 4; }));
  EXPECT_EQ(B1().state, health::State::kUp);
  Fail(kV6);
  ASSERT_TRUE(Until([&] { return B1().state == health::State::kDown; }));
  EXPECT_EQ(said_.back(), "down: refused at 2001:db8::1 port 80");
  EXPECT_EQ(B1().last_failure, "refused");
  EXPECT_GE(B1().failures, 3U);
  const size_t heard = said_.size();
  Fail(kV4);
  ASSERT_TRUE(Until([&, from = B1().failures] { return B1().failures > from + 20; }));
  EXPECT_EQ(said_.size(), heard) << "it is down already";
  Mend(kV6);
  ASSERT_TRUE(Until([&, from = B1().checks] { return B1().checks > from + 20; }));
  EXPECT_EQ(said_.size(), heard) << "and still, at the other";
  Mend(kV4);
  ASSERT_TRUE(Until([&] { return B1().state == health::State::kUp; }));
  EXPECT_EQ(said_.back(), "up: connected at 198.18.1.1 port 80");
}

TEST_F(HealthChecksTest, FollowsTheModelsBackends) {
  Open();
  checks_.Configure(Config());
  EXPECT_EQ(script_->Targets(), (std::vector<std::string>{kV4, kV6}));
  ASSERT_TRUE(Until([&] { return B1().state == health::State::kUp; }));
  model_.durable.pools["web"].backends["b2"] = {
      .id = BackendId(2), .endpoint = {.address = *IpAddress::Parse("198.18.0.12")}};
  const uint64_t checks = B1().checks;
  const Instant since = B1().since;
  checks_.Follow();
  EXPECT_EQ(script_->Targets().size(), 4U);
  EXPECT_EQ(B1().state, health::State::kUp) << "its state is kept";
  EXPECT_EQ(B1().since, since);
  EXPECT_GE(B1().checks, checks);
  model_.durable.pools["web"].backends.erase("b2");
  checks_.Follow();
  EXPECT_EQ(script_->Targets().size(), 2U);
  EXPECT_EQ(checks_.Read().size(), 1U);
}

// A reload with another pace is no reason to think better of a backend.
TEST_F(HealthChecksTest, AReloadKeepsWhatIsKnown) {
  Open();
  Fail(kV4);
  checks_.Configure(Config());
  ASSERT_TRUE(Until([&] { return B1().state == health::State::kDown; }));
  const Instant since = B1().since;
  const size_t heard = said_.size();
  settings::ControlConfig other = Config();
  other.pools[0].health->rise = 7;
  checks_.Configure(other);
  EXPECT_EQ(B1().state, health::State::kDown);
  EXPECT_EQ(B1().since, since);
  ASSERT_TRUE(Until([&, from = B1().failures] { return B1().failures > from + 5; }));
  EXPECT_EQ(said_.size(), heard);
}

TEST_F(HealthChecksTest, WithoutChecksEverybodyIsUp) {
  Open();
  Fail(kV4);
  checks_.Configure(Config());
  ASSERT_TRUE(Until([&] { return B1().state == health::State::kDown; }));
  checks_.Configure(Config(false));
  EXPECT_EQ(said_.back(), "up: it is not checked any more");
  EXPECT_TRUE(model_.now.agents[b1_].healthy);
  EXPECT_TRUE(checks_.Read().empty());
}

// A VIP that the pool does not have any more speaks against nobody.
TEST_F(HealthChecksTest, AVipThatGoesTakesItsVerdictAlong) {
  Open();
  Fail(kV6);
  checks_.Configure(Config());
  ASSERT_TRUE(
      Until([&] { return B1().state == health::State::kDown && script_->Checks(kV4) > 3; }));
  model_.durable.pools["web"].service.vips.pop_back();
  checks_.Follow();
  EXPECT_EQ(said_.back(), "up: by the checks that are left");
}

TEST_F(HealthChecksTest, WhatCanNotBeCheckedIsAnAlarm) {
  Open();
  script_->Refuse("no room for 2");
  checks_.Configure(Config());
  ASSERT_EQ(log_.size(), 1U);
  EXPECT_EQ(log_[0].severity, Severity::kAlarm);
  EXPECT_EQ(log_[0].text, "health checks stay as they were: no room for 2");
  checks_.Follow();
  EXPECT_EQ(log_.size(), 1U) << "said once";
}

TEST_F(HealthChecksTest, AStartIsNeededForTheFirstSources) {
  checks_.Configure(Config());
  ASSERT_EQ(log_.size(), 1U);
  EXPECT_NE(log_[0].text.find("from the next start on"), std::string::npos);
  EXPECT_TRUE(checks_.Read().empty());
}

TEST_F(HealthChecksTest, AFailedStartSaysWhy) {
  const auto opened = checks_.Open(
      [](auto&, const health::Prefixes&) -> Expected<std::unique_ptr<health::Transport>> {
        return joinery::Fail("no device");
      },
      {});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().message, "no device");
}

}  // namespace
}  // namespace joinery::control
