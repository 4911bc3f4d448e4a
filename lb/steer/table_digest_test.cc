#include "lb/steer/table_digest.h"

#include <algorithm>
#include <functional>

#include <gtest/gtest.h>

#include "lb/steer/testing/test_config.h"

namespace joinery::steer {
namespace {

using settings::Config;
using testing::AddCookie;
using testing::BackendOf;
using testing::BuildOrDie;
using testing::PoolOf;
using testing::TestConfig;

std::array<uint8_t, 32> DigestOf(const Config& config) {
  return TableDigest(config, *BuildOrDie(config));
}

struct Row {
  const char* name;
  std::function<void(Config&)> change;
};

TEST(TableDigest, DiffersInWhateverSteers) {
  const auto digest = DigestOf(TestConfig());
  for (const Row& row : {
           Row{"a generation's key",
               [](Config& c) {
                 PoolOf(c, "web").scheme.generations[1].key = crypto::Key128::Bytes{1};
               }},
           Row{"a generation's serial",
               [](Config& c) { PoolOf(c, "web").scheme.generations[1].serial = Serial(8); }},
           Row{"a generation less",
               [](Config& c) { PoolOf(c, "web").scheme.generations.pop_back(); }},
           Row{"the hash secret",
               [](Config& c) { PoolOf(c, "api").hash_secret = crypto::Key128::Bytes{2}; }},
           Row{"a weight", [](Config& c) { BackendOf(c, "b1").weight = 2; }},
           Row{"down: out of the table",
               [](Config& c) { BackendOf(c, "b1").state = settings::BackendState::kDown; }},
           Row{"failed: nowhere",
               [](Config& c) { BackendOf(c, "b1").state = settings::BackendState::kFailed; }},
           Row{"an ID", [](Config& c) { BackendOf(c, "b1").id = BackendId(6); }},
           Row{"an address",
               [](Config& c) { BackendOf(c, "b1").address = *IpAddress::Parse("198.18.0.99"); }},
           Row{"an encapsulation",
               [](Config& c) { BackendOf(c, "b1").encap = settings::Encap::kGue; }},
           Row{"a VIP less", [](Config& c) { PoolOf(c, "web").vips.pop_back(); }},
           Row{"a port less", [](Config& c) { PoolOf(c, "web").vips[0].ports.pop_back(); }},
           Row{"a rate", [](Config& c) { PoolOf(c, "web").join_rate = 7; }},
           Row{"the handshake",
               [](Config& c) { PoolOf(c, "web").handshake = settings::Handshake::kExplicit; }},
           Row{"cookies", [](Config& c) { AddCookie(c); }},
           Row{"the steering", [](Config& c) { c.lb.steering = settings::Steering::kFiveTuple; }},
       }) {
    Config config = TestConfig();
    row.change(config);
    EXPECT_NE(DigestOf(config), digest) << row.name;
  }
}

TEST(TableDigest, IsTheSameForBalancersThatSteerAlike) {
  const auto digest = DigestOf(TestConfig());
  for (const Row& row : {
           Row{"nothing changed", [](Config&) {}},
           Row{"pools in another order", [](Config& c) { std::ranges::reverse(c.pools); }},
           Row{"backends in another order",
               [](Config& c) { std::ranges::reverse(PoolOf(c, "web").backends); }},
           Row{"VIPs in another order",
               [](Config& c) { std::ranges::reverse(PoolOf(c, "web").vips); }},
           Row{"another machine",
               [](Config& c) {
                 c.lb.name = "lb2";
                 c.lb.ports[0].mtu = 9000;
               }},
           // The same decoders: the word is for people.
           Row{"a generation's state",
               [](Config& c) {
                 PoolOf(c, "web").scheme.generations[1].state = settings::GenerationState::kPending;
               }},
       }) {
    Config config = TestConfig();
    row.change(config);
    EXPECT_EQ(DigestOf(config), digest) << row.name;
  }
}

TEST(TableDigest, DiffersInCookies) {
  Config usual = TestConfig();
  AddCookie(usual);
  for (const Row& row : {
           Row{"an epoch's key",
               [](Config& c) {
                 PoolOf(c, "web").cookie->epochs[1].key = crypto::Key128::Bytes{1};
               }},
           Row{"an epoch's serial",
               [](Config& c) { PoolOf(c, "web").cookie->epochs[1].serial = Serial(11); }},
           Row{"an epoch less", [](Config& c) { PoolOf(c, "web").cookie->epochs.pop_back(); }},
           Row{"not yet trusted",
               [](Config& c) { PoolOf(c, "web").cookie->rule = settings::CookieRule::kWriting; }},
       }) {
    Config config = usual;
    row.change(config);
    EXPECT_NE(DigestOf(config), DigestOf(usual)) << row.name;
  }
}

// Indexes depend on what came before; the digest does not.
TEST(TableDigest, DoesNotDependOnThePreviousSnapshot) {
  Config before = TestConfig();
  PoolOf(before, "web").backends.erase(PoolOf(before, "web").backends.begin());
  std::ranges::reverse(before.pools);
  const auto first = BuildOrDie(before, 1);
  const Config config = TestConfig();
  const auto second = BuildOrDie(config, 2, first.get());
  ASSERT_NE(second->backends()[0].name, BuildOrDie(config)->backends()[0].name);
  EXPECT_EQ(TableDigest(config, *second), DigestOf(config));
}

}  // namespace
}  // namespace joinery::steer
