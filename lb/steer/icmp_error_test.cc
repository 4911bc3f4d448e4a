// ICMP errors to a virtual address go to the backend whose packet they quote, however little of it.
#include "lb/steer/icmp_error.h"

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
using testing::AddCookie;
using testing::BackendOf;
using testing::BuildOrDie;
using testing::EchoOf;
using testing::TestConfig;
using testing::TokenOf;
using namespace wire::testing;  // NOLINT(google-build-using-namespace): a test's words
using wire::kAck;
using wire::kSyn;

constexpr Instant kStart = Instant{} + std::chrono::hours(1);
constexpr uint16_t kClientPort = 40000;
constexpr size_t kWhole = 1000;  // more than any packet here has
constexpr size_t kEightOfTcp = 8;

// Of a packet from the VIP, and of the error about it that a router sends there.
struct Addresses {
  const char* vip;
  const char* client;
  const char* router;
};
constexpr Addresses kV4{.vip = "198.18.1.1", .client = "198.18.5.5", .router = "198.18.9.9"};
constexpr Addresses kV6{
    .vip = "2001:db8:1::1", .client = "2001:db8:5::5", .router = "2001:db8:9::9"};

bool IsV4(const Addresses& a) { return Ip(a.vip).is_v4(); }

// Without its Ethernet header, and no more than `l4` bytes behind the IP header.
Bytes Cut(const Addresses& a, Bytes frame, size_t l4) {
  constexpr size_t kEthernet = 14;
  frame.erase(frame.begin(), frame.begin() + kEthernet);
  frame.resize(std::min(frame.size(), (IsV4(a) ? 20 : 40) + l4));
  return frame;
}

Bytes FromVip(const Addresses& a, Bytes options = {}, size_t l4 = kWhole, uint16_t vip_port = 80) {
  return Cut(a,
             BuildTcp({.ip = {.source = a.vip, .destination = a.client},
                       .source_port = vip_port,
                       .destination_port = kClientPort,
                       .flags = kAck,
                       .options = std::move(options),
                       .payload = Bytes(100)}),
             l4);
}

Bytes Error(const Addresses& a, uint8_t type, uint8_t code, const Bytes& quote) {
  Bytes message = {type, code, 0, 0, 0, 0, 0x05, 0x14};  // MTU 1300
  message.insert(message.end(), quote.begin(), quote.end());
  return BuildIcmp({.source = a.router, .destination = a.vip}, message);
}
Bytes TooBig(const Addresses& a, const Bytes& quote) {
  return IsV4(a) ? Error(a, 3, 4, quote) : Error(a, 2, 0, quote);
}
Bytes Unreachable(const Addresses& a, const Bytes& quote) {
  return Error(a, IsV4(a) ? 3 : 1, 1, quote);
}

Config WithCookie() {
  Config config = TestConfig();
  AddCookie(config);
  return config;
}

// The TSval that backend `name` writes to this client.
Bytes WrittenBy(const Addresses& a, const char* name, uint64_t serial = 7) {
  const tokenmap::TwinFlow flow{.client = Ip(a.client),
                                .vip = Ip(a.vip),
                                .client_port = Port(kClientPort),
                                .vip_port = Port(80)};
  return Join({{1, 1}, TimestampsOption(EchoOf(WithCookie(), name, serial, flow), 9)});
}

class Balancer {
 public:
  explicit Balancer(const Config& config) : snapshot_(BuildOrDie(config)) {}

  std::string Say(const Bytes& frame, Instant now = kStart) {
    const std::span<const uint8_t> frames[] = {frame};
    DecideBurst(*snapshot_, state_, frames, now, {&verdict_, 1});
    return ToString(verdict_, *snapshot_);
  }
  [[nodiscard]] const Verdict& verdict() const { return verdict_; }
  [[nodiscard]] const Counters& counters() const { return state_.counters(); }

 private:
  std::unique_ptr<const Snapshot> snapshot_;
  LcoreState state_{65536};
  Verdict verdict_;
};

TEST(IcmpError, TheQuotedCookieNamesTheBackend) {
  for (const Addresses& a : {kV4, kV6}) {
    for (const char* name : {"b1", "b2", "b3"}) {
      for (const uint64_t serial : {6, 7}) {
        Balancer balancer(WithCookie());
        const Bytes quote = FromVip(a, WrittenBy(a, name, serial));
        EXPECT_NE(
            balancer.Say(TooBig(a, quote)).find(std::string("-> web/") + name + " [icmp_error]"),
            std::string::npos);
        EXPECT_EQ(balancer.verdict().rule, Rule::kCookie);
        EXPECT_NE(balancer.Say(Unreachable(a, quote)).find(std::string("-> web/") + name),
                  std::string::npos);
      }
    }
  }
}

// The table's backend is not the cookie's: so the verdict above is the cookie's doing.
TEST(IcmpError, WithoutACookieTheHashOfTheFlowDecides) {
  for (const Addresses& a : {kV4, kV6}) {
    Balancer balancer(TestConfig());
    const Bytes data = BuildTcp({.ip = {.source = a.client, .destination = a.vip},
                                 .source_port = kClientPort,
                                 .destination_port = 80,
                                 .flags = kAck});
    const std::string placed = balancer.Say(data);
    ASSERT_TRUE(placed.starts_with("hash -> web/")) << placed;
    const uint16_t flow = balancer.verdict().flow;
    for (const size_t quoted : {kWhole, kEightOfTcp, size_t{4}}) {
      EXPECT_EQ(balancer.Say(Unreachable(a, FromVip(a, {}, quoted))), placed + " [icmp_error]");
      EXPECT_EQ(balancer.verdict().flow, flow);
    }
  }
}

TEST(IcmpError, TheCacheKnowsJoinedSubflows) {
  const Config config = TestConfig();
  for (const Addresses& a : {kV4, kV6}) {
    for (const char* name : {"b1", "b2", "b3"}) {
      Balancer balancer(config);
      (void)balancer.Say(BuildTcp({.ip = {.source = a.client, .destination = a.vip},
                                   .source_port = kClientPort,
                                   .flags = kSyn,
                                   .options = MpJoinSynOption(TokenOf(config, name, 1))}));
      for (const size_t quoted : {kWhole, kEightOfTcp}) {
        EXPECT_EQ(balancer.Say(TooBig(a, FromVip(a, {}, quoted))),
                  std::string("cache -> web/") + name + " [icmp_error]");
      }
    }
  }
}

TEST(IcmpError, TooBigThatNobodyCanPlaceGoesToAll) {
  for (const Addresses& a : {kV4, kV6}) {
    Balancer balancer(WithCookie());
    EXPECT_EQ(balancer.Say(TooBig(a, FromVip(a, {}, kEightOfTcp))), "copy -> web [icmp_error]");
    // Cut within the timestamps, and of a value that is no cookie.
    EXPECT_EQ(balancer.Say(TooBig(a, FromVip(a, WrittenBy(a, "b1"), 31))),
              "copy -> web [icmp_error]");
    EXPECT_EQ(balancer.Say(TooBig(a, FromVip(a, TimestampsOption(1, 2)))),
              "copy -> web [icmp_error]");
    EXPECT_EQ(balancer.counters().actions[static_cast<size_t>(Action::kCopy)].Read(), 3U);
  }
}

TEST(IcmpError, CopiesAreLimited) {
  Balancer balancer(TestConfig());
  const Bytes error = TooBig(kV4, FromVip(kV4, {}, kEightOfTcp));
  int copies = 0;
  for (int i = 0; i < 1000; ++i) {
    copies += balancer.Say(error).starts_with("copy") ? 1 : 0;
  }
  EXPECT_EQ(copies, kIcmpCopiesPerSecond / 10);  // what RateLimit lets through at once
  EXPECT_TRUE(balancer.Say(error).starts_with("hash -> web/"));
  EXPECT_TRUE(balancer.Say(error, kStart + std::chrono::seconds(1)).starts_with("copy"));
}

TEST(IcmpError, AFailedBackendsCookieIsNone) {
  Config config = WithCookie();
  BackendOf(config, "b2").state = BackendState::kFailed;
  Balancer balancer(config);
  EXPECT_EQ(balancer.Say(TooBig(kV4, FromVip(kV4, WrittenBy(kV4, "b2")))),
            "copy -> web [icmp_error]");
}

TEST(IcmpError, UdpAndPlainBalancingGoByTheHash) {
  const auto udp = [](size_t l4) {
    return Cut(kV4,
               BuildUdp({.ip = {.source = "198.18.1.3", .destination = kV4.client},
                         .source_port = 53,
                         .destination_port = kClientPort}),
               l4);
  };
  const Addresses api{.vip = "198.18.1.3", .client = kV4.client, .router = kV4.router};
  EXPECT_TRUE(Balancer(TestConfig()).Say(TooBig(api, udp(8))).starts_with("hash -> api/"));
  Config plain = WithCookie();
  plain.lb.steering = settings::Steering::kFiveTuple;
  for (const Bytes& quote : {FromVip(kV4, WrittenBy(kV4, "b1")), FromVip(kV4, {}, kEightOfTcp)}) {
    EXPECT_TRUE(Balancer(plain).Say(TooBig(kV4, quote)).starts_with("hash -> web/"));
  }
}

// Also about a later fragment, which shows no port.
TEST(IcmpError, OfAnAddressThatTakesFragmentsGoesByAddresses) {
  Config config = WithCookie();
  for (settings::Vip& vip : testing::PoolOf(config, "web").vips) {
    vip.fragments = settings::Fragments::kByAddress;
  }
  for (const Addresses& a : {kV4, kV6}) {
    Balancer balancer(config);
    const std::string data =
        balancer.Say(BuildTcp({.ip = {.source = a.client, .destination = a.vip},
                               .source_port = kClientPort,
                               .destination_port = 443,
                               .flags = kAck}));
    EXPECT_TRUE(data.starts_with("hash -> web/")) << data;
    const std::string icmp = data + " [icmp_error]";
    EXPECT_EQ(balancer.Say(TooBig(a, FromVip(a))), icmp);
    EXPECT_EQ(balancer.Say(TooBig(a, FromVip(a, {}, kEightOfTcp))), icmp);
    if (!IsV4(a)) continue;
    Bytes fragment = FromVip(a);
    fragment[7] = 1;  // fragment offset 8
    EXPECT_EQ(balancer.Say(TooBig(a, fragment)), icmp);
  }
}

TEST(IcmpError, WhatQuotesNoPacketOfAServiceIsDropped) {
  struct Row {
    const char* name;
    Bytes frame;
    std::string verdict = "drop icmp_quote";
  };
  const Addresses other{.vip = "198.18.1.2", .client = kV4.client, .router = kV4.router};
  Bytes version = FromVip(kV4);
  version[0] = 0x65;
  Bytes half = FromVip(kV4);
  half.resize(12);
  Bytes fragment = FromVip(kV4);
  fragment[7] = 1;  // fragment offset 8
  Bytes ttl = TooBig(kV4, FromVip(kV4));
  ttl[14 + 8] = 1;
  const std::vector<Row> rows = {
      {"nothing quoted", TooBig(kV4, {})},
      {"nothing quoted, v6", TooBig(kV6, {})},
      {"half an IP header", TooBig(kV4, half)},
      {"no port", TooBig(kV4, FromVip(kV4, {}, 3))},
      {"a later fragment", TooBig(kV4, fragment)},
      {"no IP version", TooBig(kV4, version)},
      {"about another VIP's packet", TooBig(kV4, FromVip(other))},
      {"about no service", TooBig(kV4, FromVip(kV4, {}, kWhole, 81))},
      {"at the end of its life", ttl, "drop ttl_expired"},
      {"no error", Error(kV4, 13, 0, FromVip(kV4)), "drop icmp_unsupported"},
      {"no error, v6", Error(kV6, 140, 0, FromVip(kV6)), "drop icmp_unsupported"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Balancer(WithCookie()).Say(row.frame), row.verdict) << row.name;
  }
}

TEST(IcmpError, AnEmptyPoolHasNobodyToTell) {
  Config config = TestConfig();
  testing::PoolOf(config, "web").backends.clear();
  EXPECT_EQ(Balancer(config).Say(Unreachable(kV4, FromVip(kV4))),
            "drop no_backend: hash -> web [icmp_error]");
}

}  // namespace
}  // namespace joinery::steer
