// Each rule, each state and each drop reason of docs/protocol.md section 4: one row, one packet,
// one verdict in words.
#include "lb/steer/steer.h"

#include <functional>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "lb/steer/testing/test_config.h"
#include "lb/steer/verdict_text.h"
#include "wire/testing/packet_builder.h"

namespace joinery::steer {
namespace {

using settings::BackendState;
using settings::Config;
using testing::BackendOf;
using testing::BuildOrDie;
using testing::KeyOf;
using testing::PoolOf;
using testing::TestConfig;
using testing::TokenOf;
using namespace wire::testing;  // NOLINT(google-build-using-namespace): a test's words
using wire::kAck;
using wire::kRst;
using wire::kSyn;

constexpr Instant kStart = Instant{} + std::chrono::hours(1);

IpSpec ToWeb() { return {.source = "198.18.5.5", .destination = "198.18.1.1"}; }
IpSpec ToWeb6() { return {.source = "2001:db8:5::5", .destination = "2001:db8:1::1"}; }
IpSpec ToApi() { return {.source = "198.18.5.5", .destination = "198.18.1.2"}; }

// One balancer: what it says to a packet, in words.
class Balancer {
 public:
  explicit Balancer(const Config& config) : snapshot_(BuildOrDie(config)), state_(65536) {}

  void Reload(const Config& config) {
    snapshot_ = BuildOrDie(config, snapshot_->version() + 1, snapshot_.get());
  }
  std::string Say(const Bytes& frame, Instant now = kStart) {
    const std::span<const uint8_t> frames[] = {frame};
    Verdict verdict;
    DecideBurst(*snapshot_, state_, frames, now, {&verdict, 1});
    return ToString(verdict, *snapshot_);
  }
  [[nodiscard]] const Counters& counters() const { return state_.counters(); }
  [[nodiscard]] uint64_t Noted(Note note) const {
    return counters().notes[static_cast<size_t>(note)].Read();
  }
  [[nodiscard]] uint64_t Answered(Rule rule) const {
    return counters().rules[static_cast<size_t>(rule)].Read();
  }
  [[nodiscard]] uint64_t Dropped(DropReason reason) const {
    return counters().drops[static_cast<size_t>(reason)].Read();
  }

 private:
  std::unique_ptr<const Snapshot> snapshot_;
  LcoreState state_;
};

// "web/b1" of "hash -> web/b1 [join_unroutable]".
std::string BackendIn(const std::string& verdict) {
  const size_t at = verdict.find("-> ");
  return at == std::string::npos ? "" : verdict.substr(at + 3, verdict.find(' ', at + 3) - at - 3);
}

struct Row {
  const char* name;
  Bytes frame;
  std::string verdict;  // "*" at the end: whatever follows
  std::function<void(Config&)> change = [](Config&) {};
};

void CheckRows(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    Config config = TestConfig();
    row.change(config);
    std::string got = Balancer(config).Say(row.frame);
    std::string expected = row.verdict;
    if (expected.ends_with('*')) {
      expected.pop_back();
      got.resize(std::min(got.size(), expected.size()));
    }
    EXPECT_EQ(got, expected) << row.name;
  }
}

Bytes Syn(const IpSpec& ip, Bytes options = {}, uint16_t port = 40000) {
  return BuildTcp({.ip = ip, .source_port = port, .flags = kSyn, .options = std::move(options)});
}
Bytes Ack(const IpSpec& ip, Bytes options = {}, uint16_t port = 40000) {
  return BuildTcp({.ip = ip, .source_port = port, .flags = kAck, .options = std::move(options)});
}

TEST(Steer, TokenRule) {
  const Config config = TestConfig();
  const auto join = [&](const char* backend, uint8_t codepoint) {
    return MpJoinSynOption(TokenOf(config, backend, codepoint));
  };
  const auto state = [](const char* backend, BackendState s) {
    return [=](Config& c) { BackendOf(c, backend).state = s; };
  };
  const Bytes unused_id = MpJoinSynOption(Token(1));  // pool api is plain: ID 0
  CheckRows({
      {"active generation", Syn(ToWeb(), join("b2", 1)), "token gen 1 (serial 7) id 9 -> web/b2"},
      {"draining generation", Syn(ToWeb(), join("b3", 0)),
       "token gen 0 (serial 6) id 12 -> web/b3"},
      {"ipv6", Syn(ToWeb6(), join("b1", 1)), "token gen 1 (serial 7) id 5 -> web/b1"},
      {"plain scheme", Syn(ToApi(), join("a2", 0)), "token gen 0 (serial 1) id 2 -> api/a2"},
      {"draining backend", Syn(ToWeb(), join("b2", 1)), "token gen 1 (serial 7) id 9 -> web/b2",
       state("b2", BackendState::kDraining)},
      {"down backend", Syn(ToWeb(), join("b2", 1)), "token gen 1 (serial 7) id 9 -> web/b2",
       state("b2", BackendState::kDown)},
      {"backend without weight", Syn(ToWeb(), join("b2", 1)),
       "token gen 1 (serial 7) id 9 -> web/b2", [](Config& c) { BackendOf(c, "b2").weight = 0; }},
      {"failed backend", Syn(ToWeb(), join("b2", 1)), "hash -> web/*",
       state("b2", BackendState::kFailed)},
      {"unused id", Syn(ToApi(), unused_id), "hash -> api/*"},
      {"reserved codepoint", Syn(ToWeb(), MpJoinSynOption(Token(0xc0000000))), "hash -> web/*"},
      {"no generation", Syn(ToWeb(), MpJoinSynOption(Token(0x80000000))), "hash -> web/*"},
      {"handshake none", Syn(ToWeb(), join("b2", 1)), "hash -> web/*",
       [](Config& c) { PoolOf(c, "web").handshake = settings::Handshake::kNone; }},
      {"nobody there for a guess", Syn(ToWeb(), MpJoinSynOption(Token(0xc0000000))),
       "drop no_backend: hash -> web [join_unroutable]",
       [](Config& c) {
         for (auto& b : PoolOf(c, "web").backends) b.state = BackendState::kDown;
       }},
  });
}

TEST(Steer, AnUnroutableJoinIsCountedAsSuchAndNotAsAConnection) {
  Balancer balancer(TestConfig());
  const std::string verdict = balancer.Say(Syn(ToWeb(), MpJoinSynOption(Token(0xc0000000))));
  EXPECT_TRUE(verdict.ends_with("[join_unroutable]")) << verdict;
  EXPECT_EQ(balancer.Noted(Note::kJoinUnroutable), 1u);
  EXPECT_EQ(balancer.Answered(Rule::kHash), 1u);
  EXPECT_EQ(balancer.Answered(Rule::kPlacement), 0u);
  EXPECT_EQ(balancer.Answered(Rule::kToken), 0u);
}

TEST(Steer, JoinRateIsForEachIdAndRecovers) {
  Config config = TestConfig();
  PoolOf(config, "web").join_rate = 30;
  Balancer balancer(config);
  const auto join = [&](const char* backend, uint16_t port, Instant now) {
    return balancer.Say(Syn(ToWeb(), MpJoinSynOption(TokenOf(config, backend, 1)), port), now);
  };
  for (uint16_t port = 1; port <= 3; ++port) {
    EXPECT_EQ(join("b1", port, kStart), "token gen 1 (serial 7) id 5 -> web/b1");
  }
  EXPECT_EQ(join("b1", 4, kStart), "drop join_rate: token gen 1 (serial 7) id 5 -> web/b1");
  EXPECT_EQ(join("b2", 4, kStart), "token gen 1 (serial 7) id 9 -> web/b2");
  EXPECT_EQ(join("b1", 4, kStart + std::chrono::seconds(1)),
            "token gen 1 (serial 7) id 5 -> web/b1");
  EXPECT_EQ(balancer.Dropped(DropReason::kJoinRate), 1u);
}

TEST(Steer, PlacementIgnoresOptionsAndHashAgrees) {
  Balancer balancer(TestConfig());
  for (uint16_t port = 1; port < 200; ++port) {
    const std::string placed = balancer.Say(Syn(ToWeb(), MpCapableSynOption(), port));
    EXPECT_EQ(placed.rfind("placement -> web/", 0), 0u) << placed;
    EXPECT_EQ(balancer.Say(Syn(ToWeb(), {}, port)), placed);
    Balancer stranger(TestConfig());  // has not seen the SYN
    EXPECT_EQ(stranger.Say(Ack(ToWeb(), {}, port)), "hash -> " + BackendIn(placed));
  }
}

TEST(Steer, PlacementLeavesOutWhoIsNotUp) {
  Config config = TestConfig();
  BackendOf(config, "b1").state = BackendState::kDraining;
  BackendOf(config, "b3").state = BackendState::kDown;
  Balancer balancer(config);
  for (uint16_t port = 1; port < 50; ++port) {
    EXPECT_EQ(balancer.Say(Syn(ToWeb(), {}, port)), "placement -> web/b2");
  }
  BackendOf(config, "b2").state = BackendState::kFailed;
  balancer.Reload(config);
  EXPECT_EQ(balancer.Say(Syn(ToWeb())), "drop no_backend: placement -> web");
  EXPECT_EQ(balancer.Say(Ack(ToWeb(), {}, 999)), "drop no_backend: hash -> web");
}

TEST(Steer, HandshakeRule) {
  const Config config = TestConfig();
  const uint64_t key = KeyOf(config, "b2", 1);
  const uint64_t key0 = KeyOf(config, "b2", 1, 0);
  const Token token = TokenOf(config, "a2", 0);
  const Bytes keys = MpCapableKeysOption(0x1111, key);
  Bytes keys_v0 = MpCapableKeysOption(0x1111, key0);
  keys_v0[2] = 0x00;  // subtype 0, version 0
  const Bytes keys_data = BuildTcp(
      {.ip = ToWeb6(), .options = MpCapableKeysDataOption(0x1111, key, 5), .payload = Bytes(5)});
  const std::string b2 = "handshake gen 1 (serial 7) id 9 -> web/b2";
  CheckRows({
      {"keys", Ack(ToWeb(), keys), b2},
      {"keys v0", Ack(ToWeb(), keys_v0), b2},
      {"keys with data", keys_data, b2},
      {"fastclose", Ack(ToWeb(), MpFastcloseOption(key)), b2},
      {"fastclose in a RST",
       BuildTcp({.ip = ToWeb(), .flags = kRst, .options = MpFastcloseOption(key)}), b2},
      {"explicit tokens", Ack(ToApi(), MpCapableTokensOption(Token(1), token)),
       "handshake gen 0 (serial 1) id 2 -> api/a2"},
      {"explicit tokens are not read where keys are",
       Ack(ToWeb(), MpCapableTokensOption(Token(1), TokenOf(config, "b2", 1))), "hash -> web/*"},
      {"keys are not read where tokens are explicit", Ack(ToApi(), keys), "hash -> api/*"},
      {"fastclose is not read where tokens are explicit", Ack(ToApi(), MpFastcloseOption(key)),
       "hash -> api/*"},
      {"no token is read with handshake none", Ack(ToWeb(), keys), "hash -> web/*",
       [](Config& c) { PoolOf(c, "web").handshake = settings::Handshake::kNone; }},
      {"failed backend", Ack(ToWeb(), keys), "hash -> web/*",
       [](Config& c) { BackendOf(c, "b2").state = BackendState::kFailed; }},
      {"draining backend", Ack(ToWeb(), keys), b2,
       [](Config& c) { BackendOf(c, "b2").state = BackendState::kDraining; }},
      {"hash_rate 0 leaves keys unread", Ack(ToWeb(), keys), "hash -> web/*",
       [](Config& c) { c.lb.hash_rate = 0; }},
  });
}

TEST(Steer, HashRateLimitsKeysAndIsNoted) {
  Config config = TestConfig();
  config.lb.hash_rate = 20;
  Balancer balancer(config);
  const Bytes keys = MpCapableKeysOption(0x1111, KeyOf(config, "b2", 1));
  for (uint16_t port = 1; port <= 5; ++port) (void)balancer.Say(Ack(ToWeb(), keys, port));
  EXPECT_EQ(balancer.Answered(Rule::kHandshake), 2u);
  EXPECT_EQ(balancer.Noted(Note::kHashRate), 3u);
}

TEST(Steer, AHandshakeThatNamesNobodyGoesDownTheLadder) {
  Balancer balancer(TestConfig());
  const Token reserved(0xffffffff);
  const std::string verdict = balancer.Say(Ack(ToApi(), MpCapableTokensOption(Token(1), reserved)));
  EXPECT_TRUE(verdict.ends_with("[handshake_unroutable]")) << verdict;
  EXPECT_EQ(balancer.Noted(Note::kHandshakeUnroutable), 1u);
}

// The three ways into the cache, and what a change of the table does not do to its flows.
TEST(Steer, CacheKeepsFlowsWhereTheyBegan) {
  Config config = TestConfig();
  Balancer balancer(config);
  const auto token = MpJoinSynOption(TokenOf(config, "b2", 1));
  EXPECT_EQ(balancer.Say(Syn(ToWeb(), token, 1)), "token gen 1 (serial 7) id 9 -> web/b2");
  EXPECT_EQ(balancer.Say(Ack(ToWeb(), {}, 1)), "cache -> web/b2");
  EXPECT_EQ(balancer.Say(Ack(ToWeb(), MpCapableKeysOption(1, KeyOf(config, "b2", 1)), 2)),
            "handshake gen 1 (serial 7) id 9 -> web/b2");
  EXPECT_EQ(balancer.Say(Ack(ToWeb(), {}, 2)), "cache -> web/b2");
  std::vector<std::string> homes;
  for (uint16_t port = 100; port < 150; ++port) {
    homes.push_back(BackendIn(balancer.Say(Syn(ToWeb(), {}, port))));
  }
  BackendOf(config, "b2").state = BackendState::kDraining;
  balancer.Reload(config);
  EXPECT_EQ(balancer.Say(Ack(ToWeb(), {}, 1)), "cache -> web/b2");
  EXPECT_EQ(balancer.Say(Ack(ToWeb(), {}, 2)), "cache -> web/b2");
  for (uint16_t port = 100; port < 150; ++port) {
    EXPECT_EQ(balancer.Say(Ack(ToWeb(), {}, port)), "cache -> " + homes[port - 100u]);
  }
}

TEST(Steer, CachedFlowsOfAFailedBackendGoDownTheLadder) {
  Config config = TestConfig();
  Balancer balancer(config);
  (void)balancer.Say(Syn(ToWeb(), MpJoinSynOption(TokenOf(config, "b2", 1))));
  EXPECT_EQ(balancer.Say(Ack(ToWeb())), "cache -> web/b2");
  BackendOf(config, "b2").state = BackendState::kFailed;
  balancer.Reload(config);
  const std::string verdict = balancer.Say(Ack(ToWeb()));
  EXPECT_EQ(verdict.rfind("hash -> web/", 0), 0u) << verdict;
  EXPECT_TRUE(verdict.ends_with("[cache_stale]")) << verdict;
  EXPECT_NE(BackendIn(verdict), "web/b2");
}

TEST(Steer, UdpGoesByTheHash) {
  CheckRows({
      {"ipv4", BuildUdp({.ip = ToWeb(), .destination_port = 443}), "hash -> web/*"},
      {"ipv6", BuildUdp({.ip = ToWeb6(), .destination_port = 443}), "hash -> web/*"},
      {"no service", BuildUdp({.ip = ToWeb(), .destination_port = 80}), "drop no_service"},
  });
}

TEST(Steer, FiveTupleReadsNeitherTokenNorCache) {
  Config config = TestConfig();
  config.lb.steering = settings::Steering::kFiveTuple;
  Balancer balancer(config);
  const auto join = MpJoinSynOption(TokenOf(config, "b2", 1));
  for (uint16_t port = 1; port < 50; ++port) {
    const std::string plain = balancer.Say(Syn(ToWeb(), {}, port));
    EXPECT_EQ(plain.rfind("placement -> web/", 0), 0u) << plain;
    EXPECT_EQ(balancer.Say(Syn(ToWeb(), join, port)), plain);
    EXPECT_EQ(balancer.Say(Ack(ToWeb(), {}, port)), "hash -> " + BackendIn(plain));
  }
}

// First fragment, later fragment and whole packets of a client, on any port and whatever they show,
// meet on one backend; clients spread over all.
TEST(Steer, AnAddressThatTakesFragmentsGoesByAddresses) {
  Config config = TestConfig();
  for (settings::Vip& vip : PoolOf(config, "web").vips) {
    vip.fragments = settings::Fragments::kByAddress;
  }
  const auto join = MpJoinSynOption(TokenOf(config, "b2", 1));
  for (const auto steering : {settings::Steering::kJoinery, settings::Steering::kFiveTuple}) {
    config.lb.steering = steering;
    Balancer balancer(config);
    std::set<std::string> backends;
    for (int client = 1; client <= 40; ++client) {
      IpSpec ip{.source = fmt::format("198.18.5.{}", client), .destination = "198.18.1.1"};
      const std::string placed = balancer.Say(Syn(ip));
      EXPECT_TRUE(placed.starts_with("placement -> web/")) << placed;
      const std::string other = "hash -> " + BackendIn(placed);
      EXPECT_EQ(balancer.Say(Syn(ip, join, 7)), placed);
      EXPECT_EQ(balancer.Say(Ack(ip, {}, 9)), other);
      EXPECT_EQ(balancer.Say(BuildUdp({.ip = ip, .destination_port = 443})), other);
      for (const uint16_t fragment : std::initializer_list<uint16_t>{0x2000, 0x2010, 0x0020}) {
        ip.fragment = fragment;
        EXPECT_EQ(balancer.Say(Syn(ip)), other) << fragment;
      }
      ip.ttl = 1;
      EXPECT_EQ(balancer.Say(Syn(ip)), "drop ttl_expired");
      backends.insert(other);
    }
    EXPECT_EQ(backends.size(), 3U);
    EXPECT_EQ(balancer.Say(BuildTcp({.ip = ToWeb(), .destination_port = 81})), "drop no_service");
    EXPECT_EQ(balancer.Answered(Rule::kToken) + balancer.Answered(Rule::kCache), 0U);
    IpSpec elsewhere = ToApi();
    elsewhere.fragment = 0x2000;
    EXPECT_EQ(balancer.Say(Syn(elsewhere)), "drop fragment");
  }
}

TEST(Steer, WhatIsNoPacketToAService) {
  const Bytes v4_error = {3, 1, 0, 0, 0, 0, 0, 0};
  const Bytes v6_error = {1, 0, 0, 0, 0, 0, 0, 0};
  const auto with_ttl = [](IpSpec ip, uint8_t ttl) {
    ip.ttl = ttl;
    return Syn(ip);
  };
  IpSpec fragment = ToWeb();
  fragment.fragment = 0x2000;
  Bytes arp = FromHexText("0001 0800 06 04 0001");  // a request, then its addresses
  arp.resize(28);
  Bytes broken = Syn(ToWeb());
  broken[14] = 0x65;  // version 6 under ethertype IPv4
  CheckRows({
      {"unknown port", BuildTcp({.ip = ToWeb(), .destination_port = 81}), "drop no_service"},
      {"another protocol", BuildIp(ToWeb(), 50, Bytes(8)), "drop no_service"},
      {"not for a VIP", Syn({.source = "198.18.5.5", .destination = "198.18.0.1"}), "local"},
      {"fragment", Syn(fragment), "drop fragment"},
      {"ttl 0", with_ttl(ToWeb(), 0), "drop ttl_expired"},
      {"ttl 1", with_ttl(ToWeb(), 1), "drop ttl_expired"},
      {"ttl 2", with_ttl(ToWeb(), 2), "placement -> web/*"},
      {"hop limit 1", with_ttl(ToWeb6(), 1), "drop ttl_expired"},
      {"ttl 1, not for a VIP", with_ttl({.source = "198.18.5.5", .destination = "198.18.0.1"}, 1),
       "local"},
      {"icmp error", BuildIcmp(ToWeb(), v4_error), "drop icmp_quote"},
      {"icmpv6 error", BuildIcmp(ToWeb6(), v6_error), "drop icmp_quote"},
      {"echo to a VIP", BuildIcmp(ToWeb(), {8, 0, 0, 0, 0, 0, 0, 0}), "local"},
      {"echo to a VIP, v6", BuildIcmp(ToWeb6(), {128, 0, 0, 0, 0, 0, 0, 0}), "local"},
      {"neighbour solicitation to a VIP", BuildIcmp(ToWeb6(), Bytes{135, 0, 0, 0, 0, 0, 0, 0}),
       "local"},
      {"icmp error elsewhere",
       BuildIcmp({.source = "198.18.5.5", .destination = "198.18.0.1"}, v4_error), "local"},
      {"arp", BuildEthernet({}, 0x0806, arp), "local"},
      {"another ethertype", BuildEthernet({}, 0x88cc, Bytes(20)), "local"},
      {"broken header", broken, "drop malformed: bad_ip_version"},
      {"no frame", {}, "drop malformed: truncated"},
  });
}

TEST(Steer, OverMtu) {
  const auto syn = [](size_t ip_length) {
    return BuildTcp({.ip = ToWeb(), .flags = kAck, .payload = Bytes(ip_length - 40)});
  };
  CheckRows({
      {"fits", syn(1500), "hash -> web/*"},
      {"one byte over", syn(1501), "drop over_mtu: hash -> web/*"},
      {"a larger MTU", syn(1501), "hash -> web/*", [](Config& c) { c.lb.ports[0].mtu = 9000; }},
  });
}

TEST(Steer, NotesOnOptionsDoNotStopAPacket) {
  Balancer balancer(TestConfig());
  EXPECT_TRUE(
      balancer.Say(Syn(ToWeb(), {0x1e, 0x01, 0x00, 0x00})).ends_with("[options_malformed]"));
  EXPECT_TRUE(balancer.Say(Syn(ToWeb(), Join({MpCapableSynOption(), MpCapableSynOption()})))
                  .ends_with("[mptcp_ambiguous]"));
  EXPECT_TRUE(
      balancer.Say(Syn(ToWeb(), {0x1e, 0x05, 0x00, 0x00, 0x00})).ends_with("[mptcp_malformed]"));
}

}  // namespace
}  // namespace joinery::steer
