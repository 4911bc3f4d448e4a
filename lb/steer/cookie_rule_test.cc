// Rule `cookie` of docs/protocol.md section 4: what an echoed timestamp does to a packet, and what
// it does to none.
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "lb/steer/steer.h"
#include "lb/steer/testing/test_config.h"
#include "lb/steer/verdict_text.h"
#include "wire/testing/packet_builder.h"

namespace joinery::steer {
namespace {

using settings::BackendState;
using settings::Config;
using settings::CookieRule;
using testing::AddCookie;
using testing::BackendOf;
using testing::BuildOrDie;
using testing::EchoOf;
using testing::KeyOf;
using testing::PoolOf;
using testing::TestConfig;
using testing::TokenOf;
using namespace wire::testing;  // NOLINT(google-build-using-namespace): a test's words
using wire::kAck;
using wire::kFin;
using wire::kPsh;
using wire::kRst;
using wire::kSyn;

constexpr Instant kStart = Instant{} + std::chrono::hours(1);
constexpr uint16_t kPort = 40000;

IpSpec ToWeb() { return {.source = "198.18.5.5", .destination = "198.18.1.1"}; }
IpSpec ToWeb6() { return {.source = "2001:db8:5::5", .destination = "2001:db8:1::1"}; }
IpSpec ToApi() { return {.source = "198.18.5.5", .destination = "198.18.1.2"}; }

Config WithCookie() {
  Config config = TestConfig();
  AddCookie(config);
  return config;
}

uint32_t Echo(const IpSpec& ip, const char* backend, uint64_t serial, uint16_t port = kPort) {
  const tokenmap::TwinFlow flow{.client = Ip(ip.source),
                                .vip = Ip(ip.destination),
                                .client_port = Port(port),
                                .vip_port = Port(80)};
  return EchoOf(WithCookie(), backend, serial, flow);
}

Bytes Segment(const IpSpec& ip, uint8_t flags, Bytes options, uint16_t port = kPort) {
  return BuildTcp({.ip = ip, .source_port = port, .flags = flags, .options = std::move(options)});
}

Bytes Data(const IpSpec& ip, uint32_t echo) {
  return Segment(ip, kAck, Join({{1, 1}, TimestampsOption(9, echo)}));
}

class Balancer {
 public:
  explicit Balancer(const Config& config) : snapshot_(BuildOrDie(config)) {}

  std::string Say(const Bytes& frame) {
    const std::span<const uint8_t> frames[] = {frame};
    Verdict verdict;
    DecideBurst(*snapshot_, state_, frames, kStart, {&verdict, 1});
    return ToString(verdict, *snapshot_);
  }
  void Reload(const Config& config) {
    snapshot_ = BuildOrDie(config, snapshot_->version() + 1, snapshot_.get());
  }
  [[nodiscard]] uint64_t Noted(Note note) const {
    return state_.counters().notes[static_cast<size_t>(note)].Read();
  }
  [[nodiscard]] uint64_t Answered(Rule rule) const {
    return state_.counters().rules[static_cast<size_t>(rule)].Read();
  }

 private:
  std::unique_ptr<const Snapshot> snapshot_;
  LcoreState state_{65536};
};

struct Row {
  const char* name;
  Bytes frame;
  std::string verdict;  // '*' stands for any backend's name
  std::function<void(Config&)> change = [](Config&) {};
};

// "hash -> web/* [cookie_check]" of "hash -> web/b1 [cookie_check]".
std::string Masked(std::string verdict) {
  const size_t at = verdict.find("web/b");
  return at == std::string::npos ? verdict : verdict.replace(at + 4, 2, "*");
}

void CheckRows(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    Config config = WithCookie();
    row.change(config);
    const std::string got = Balancer(config).Say(row.frame);
    EXPECT_EQ(row.verdict.find('*') == std::string::npos ? got : Masked(got), row.verdict)
        << row.name;
  }
}

std::function<void(Config&)> With(CookieRule rule) {
  return [rule](Config& c) { PoolOf(c, "web").cookie->rule = rule; };
}

std::function<void(Config&)> WithB2(BackendState state) {
  return [state](Config& c) { BackendOf(c, "b2").state = state; };
}

TEST(CookieRule, NamesTheBackend) {
  const uint32_t echo = Echo(ToWeb(), "b2", 7);
  const Bytes timestamps = TimestampsOption(9, echo);
  IpSpec with_ip_options = ToWeb();
  with_ip_options.ip_options = Bytes(4, 1);
  CheckRows({
      {"active epoch", Data(ToWeb(), echo), "cookie epoch 7 id 9 -> web/b2"},
      {"draining epoch", Data(ToWeb(), Echo(ToWeb(), "b3", 6)), "cookie epoch 6 id 12 -> web/b3"},
      {"ipv6", Data(ToWeb6(), Echo(ToWeb6(), "b1", 7)), "cookie epoch 7 id 5 -> web/b1"},
      {"flow in pieces", Data(with_ip_options, echo), "cookie epoch 7 id 9 -> web/b2"},
      {"timestamps without NOPs", Segment(ToWeb(), kAck, timestamps),
       "cookie epoch 7 id 9 -> web/b2"},
      {"FIN", Segment(ToWeb(), kAck | kFin, timestamps), "cookie epoch 7 id 9 -> web/b2"},
      {"RST with ACK", Segment(ToWeb(), kAck | kRst, timestamps), "cookie epoch 7 id 9 -> web/b2"},
      {"SYN/ACK to a VIP", Segment(ToWeb(), kSyn | kAck, timestamps),
       "cookie epoch 7 id 9 -> web/b2"},
      {"before the handshake's token",
       Segment(ToWeb(), kAck,
               Join({timestamps, MpCapableKeysOption(1, KeyOf(TestConfig(), "b3", 1))})),
       "cookie epoch 7 id 9 -> web/b2"},
      {"draining backend", Data(ToWeb(), echo), "cookie epoch 7 id 9 -> web/b2",
       WithB2(BackendState::kDraining)},
      {"down backend", Data(ToWeb(), echo), "cookie epoch 7 id 9 -> web/b2",
       WithB2(BackendState::kDown)},
      {"cookies on their way out", Data(ToWeb(), echo), "cookie epoch 7 id 9 -> web/b2",
       With(CookieRule::kDraining)},
      {"stock servers", Data(ToWeb(), echo), "cookie epoch 7 id 9 -> web/b2",
       [](Config& c) { PoolOf(c, "web").handshake = settings::Handshake::kNone; }},
  });
}

TEST(CookieRule, LeavesTheRestToTheNextRules) {
  const uint32_t echo = Echo(ToWeb(), "b2", 7);
  const Bytes timestamps = TimestampsOption(9, echo);
  const uint32_t epoch_field = 3U << 11;  // k - e with 8 ID bits
  const Bytes handshake = Join({TimestampsOption(9, echo ^ epoch_field),
                                MpCapableKeysOption(1, KeyOf(TestConfig(), "b3", 1))});
  CheckRows({
      {"epoch not live", Data(ToWeb(), echo ^ epoch_field), "hash -> web/* [cookie_epoch]"},
      {"another flow's", Data(ToWeb(), Echo(ToWeb(), "b2", 7, kPort + 1)),
       "hash -> web/* [cookie_check]"},
      {"failed backend", Data(ToWeb(), echo), "hash -> web/* [cookie_unroutable]",
       WithB2(BackendState::kFailed)},
      {"removed backend", Data(ToWeb(), echo), "hash -> web/* [cookie_unroutable]",
       [](Config& c) { PoolOf(c, "web").backends.erase(PoolOf(c, "web").backends.begin() + 1); }},
      {"no cookie, but a token", Segment(ToWeb(), kAck, handshake),
       "handshake gen 1 (serial 7) id 12 -> web/b3 [cookie_epoch]"},
      {"no timestamps", Segment(ToWeb(), kAck, {}), "hash -> web/*"},
      {"no ACK: TSecr is not valid", Segment(ToWeb(), kPsh, timestamps), "hash -> web/*"},
      {"RST without ACK", Segment(ToWeb(), kRst, timestamps), "hash -> web/*"},
      {"a SYN is placed", Segment(ToWeb(), kSyn, timestamps), "placement -> web/*"},
      {"not yet trusted", Data(ToWeb(), echo), "hash -> web/*", With(CookieRule::kWriting)},
      {"plain 5-tuple balancing", Data(ToWeb(), echo), "hash -> web/*",
       [](Config& c) { c.lb.steering = settings::Steering::kFiveTuple; }},
      {"a pool without cookies", Data(ToApi(), echo), "hash -> api/a1"},
  });
}

TEST(CookieRule, ATokenIsNotReadBehindACookie) {
  Config config = WithCookie();
  config.lb.hash_rate = 0;
  Balancer balancer(config);
  const Bytes both = Join({TimestampsOption(9, Echo(ToWeb(), "b2", 7)),
                           MpCapableKeysOption(1, KeyOf(config, "b3", 1))});
  EXPECT_EQ(balancer.Say(Segment(ToWeb(), kAck, both)), "cookie epoch 7 id 9 -> web/b2");
  EXPECT_EQ(balancer.Noted(Note::kHashRate), 0U);
}

TEST(CookieRule, IsCounted) {
  Balancer balancer(WithCookie());
  const uint32_t echo = Echo(ToWeb(), "b2", 7);
  (void)balancer.Say(Data(ToWeb(), echo));
  (void)balancer.Say(Data(ToWeb(), echo));
  (void)balancer.Say(Data(ToWeb(), echo ^ 3U << 11));
  EXPECT_EQ(balancer.Answered(Rule::kCookie), 2U);
  EXPECT_EQ(balancer.Answered(Rule::kHash), 1U);
  EXPECT_EQ(balancer.Noted(Note::kCookieEpoch), 1U);
}

// A joined subflow's keep-alives may lack timestamps; a placed flow is only remembered when its
// SYN says that cookies will not name its backend.
TEST(CookieRule, TheCacheHoldsWhatCookiesDoNotName) {
  const Config config = WithCookie();
  const auto rest = [](uint16_t port) { return Segment(ToWeb(), kAck, {}, port); };
  Balancer balancer(config);
  const Bytes timestamps = TimestampsOption(9, 0);
  (void)balancer.Say(Segment(ToWeb(), kSyn, timestamps, 1));
  EXPECT_EQ(Masked(balancer.Say(rest(1))), "hash -> web/*");
  (void)balancer.Say(Segment(ToWeb(), kSyn, {}, 2));
  EXPECT_EQ(Masked(balancer.Say(rest(2))), "cache -> web/*");
  const Bytes join = MpJoinSynOption(TokenOf(config, "b2", 1));
  (void)balancer.Say(Segment(ToWeb(), kSyn, Join({timestamps, join}), 3));
  EXPECT_EQ(balancer.Say(rest(3)), "cache -> web/b2");
}

// Backends come and go, two at once; the cookie still names the one that has the connection.
TEST(CookieRule, OutlivesChangesOfTheBackends) {
  Config config = WithCookie();
  Balancer balancer(config);
  std::vector<settings::Backend>& backends = PoolOf(config, "web").backends;
  backends[0].state = BackendState::kDraining;
  backends.push_back(backends[0]);
  backends.back().name = "b4";
  backends.back().id = BackendId(200);
  backends.back().address = *IpAddress::Parse("198.18.0.14");
  balancer.Reload(config);
  for (uint16_t port = 1; port < 100; ++port) {
    const Bytes options = TimestampsOption(9, Echo(ToWeb(), "b1", 7, port));
    EXPECT_EQ(balancer.Say(Segment(ToWeb(), kAck, options, port)), "cookie epoch 7 id 5 -> web/b1");
  }
}

TEST(CookieRule, ABadEpochIsRefused) {
  Config config = WithCookie();
  PoolOf(config, "web").cookie->epochs[1].serial = Serial(10);
  const auto built = Snapshot::Build(config, 1);
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().message,
            "pool web: epoch serials 6 and 10 look alike; live ones differ modulo 4");
}

}  // namespace
}  // namespace joinery::steer
