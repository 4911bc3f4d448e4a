#include "control/store/state_json.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace joinery::control {
namespace {

crypto::Key128 KeyOf(uint8_t fill) {
  crypto::Key128::Bytes bytes{};
  bytes.fill(fill);
  return bytes;
}

// Every member has a value of its own, none its default.
Durable Full() {
  Durable durable;
  durable.at = {.epoch = 3, .version = 41};
  durable.published = {.epoch = 3, .version = 41};
  durable.scheme = {.epoch = 3, .version = 40};
  durable.age = Age(123'456);
  durable.policy = {.lease = seconds(11),
                    .lb_quorum = 2,
                    .retire_hold = seconds(12),
                    .drain_max = seconds(13),
                    .quarantine = seconds(14)};
  Pool& web = durable.pools["web"];
  web.layout = {.id = PoolId(4'000'000'000),
                .max_backends = 32,
                .algorithm = settings::Algorithm::kPlain,
                .generation_bits = 3,
                .handshake = settings::Handshake::kExplicit};
  web.service = {.table_size = 251,
                 .join_rate = 16,
                 .vips = {{.address = *IpAddress::Parse("2001:db8::1"),
                           .protocol = 17,
                           .ports = {{Port(53), Port(54)}}}}};
  web.health = {.panic_percent = 15, .all_down = AllDown::kWithdraw};
  web.hash_secret = KeyOf(0xa1);
  web.last_serial = Serial(UINT64_MAX);
  web.generations.push_back({.codepoint = Codepoint(6),
                             .serial = Serial(9),
                             .state = GenerationState::kDraining,
                             .key = KeyOf(0xb2),
                             .published = {.epoch = 1, .version = 2},
                             .drained = {.epoch = 3, .version = 4},
                             .draining_since = Age(5),
                             .told = {"b1", "b2"}});
  web.backends["b1"] = {.id = BackendId(63),
                        .endpoint = {.address = *IpAddress::Parse("198.18.0.11"),
                                     .encap = settings::Encap::kGue,
                                     .weight = 7},
                        .state = BackendState::kLeaving,
                        .published = {.epoch = 1, .version = 5},
                        .named = true,
                        .named_in = {.epoch = 1, .version = 4},
                        .view = {.epoch = 1, .version = 6},
                        .unplaced = {.epoch = 1, .version = 8},
                        .flushing = true,
                        .flushed = {.epoch = 1, .version = 7},
                        .deadline = Age(88),
                        .encoded = {Serial(8), Serial(9)}};
  web.backends["b2"] = {.id = BackendId(1)};
  web.resting.push_back({.id = BackendId(44),
                         .backend = "gone",
                         .clean = true,
                         .encoded = {Serial(7)},
                         .since = Age(99)});
  web.resting.push_back({.id = BackendId(45), .backend = ""});
  durable.balancers["lb1"].addresses = {*IpAddress::Parse("198.18.0.2")};
  durable.former_pools.push_back({.id = PoolId(17), .last_serial = Serial(18)});
  return durable;
}

TEST(StateJson, RoundTrips) {
  const std::string json = ToJson(Full());
  const auto again = ParseDurable(json);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(ToJson(*again), json);
}

TEST(StateJson, KeepsEveryMember) {
  const auto read = ParseDurable(ToJson(Full()));
  ASSERT_TRUE(read) << read.error().message;
  const Durable wanted = Full();
  EXPECT_EQ(read->at, wanted.at);
  EXPECT_EQ(read->published, wanted.published);
  EXPECT_EQ(read->scheme, wanted.scheme);
  EXPECT_EQ(read->age, wanted.age);
  EXPECT_EQ(read->policy, wanted.policy);
  const Pool& web = read->pools.at("web");
  const Pool& wanted_web = wanted.pools.at("web");
  EXPECT_EQ(web.layout, wanted_web.layout);
  EXPECT_EQ(web.service, wanted_web.service);
  EXPECT_EQ(web.health, wanted_web.health);
  EXPECT_EQ(web.hash_secret, wanted_web.hash_secret);
  EXPECT_EQ(web.last_serial, wanted_web.last_serial);
  ASSERT_EQ(web.generations.size(), 1U);
  const Generation& generation = web.generations[0];
  EXPECT_EQ(generation.codepoint, Codepoint(6));
  EXPECT_EQ(generation.serial, Serial(9));
  EXPECT_EQ(generation.state, GenerationState::kDraining);
  EXPECT_EQ(generation.key, KeyOf(0xb2));
  EXPECT_EQ(generation.published, (api::Position{.epoch = 1, .version = 2}));
  EXPECT_EQ(generation.drained, (api::Position{.epoch = 3, .version = 4}));
  EXPECT_EQ(generation.draining_since, Age(5));
  EXPECT_EQ(generation.told, (std::set<std::string>{"b1", "b2"}));
  const Backend& b1 = web.backends.at("b1");
  EXPECT_EQ(b1.endpoint, wanted_web.backends.at("b1").endpoint);
  EXPECT_EQ(b1.state, BackendState::kLeaving);
  EXPECT_EQ(b1.flushed, (api::Position{.epoch = 1, .version = 7}));
  EXPECT_EQ(b1.deadline, Age(88));
  EXPECT_EQ(b1.encoded, (std::set<Serial>{Serial(8), Serial(9)}));
  EXPECT_TRUE(b1.flushing);
  EXPECT_TRUE(b1.named);
  EXPECT_EQ(b1.named_in, (api::Position{.epoch = 1, .version = 4}));
  EXPECT_EQ(b1.unplaced, (api::Position{.epoch = 1, .version = 8}));
  ASSERT_EQ(web.resting.size(), 2U);
  EXPECT_EQ(web.resting[0].id, BackendId(44));
  EXPECT_EQ(web.resting[0].backend, "gone");
  EXPECT_TRUE(web.resting[0].clean);
  EXPECT_EQ(web.resting[0].encoded, (std::set<Serial>{Serial(7)}));
  EXPECT_EQ(web.resting[0].since, Age(99));
  EXPECT_EQ(web.resting[1].backend, "");
  EXPECT_FALSE(web.backends.at("b2").deadline);
  EXPECT_EQ(read->former_pools[0].last_serial, Serial(18));
}

TEST(StateJson, NewInstallationsAreEmpty) {
  const auto read = ParseDurable(ToJson(Durable{}));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->pools.empty());
}

// Each member's value replaced by something else is an error that quotes no key.
TEST(StateJson, RefusesWhatItDoesNotKnow) {
  const std::string json = ToJson(Full());
  const std::pair<const char*, const char*> changes[] = {
      {"\"state\":\"draining\"", "\"state\":\"resting\""},
      {"\"state\":\"leaving\"", "\"state\":\"gone\""},
      {"\"all_down\":\"withdraw\"", "\"all_down\":\"give_up\""},
      {"\"codepoint\":6", "\"codepoint\":7"},
      {"\"epoch\":3,\"version\":41", "\"epoch\":-3,\"version\":41"},
      {"b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2", "b2b2b2b2"},
      {"\"name\":\"b2\"", "\"name\":\"b1\""},
  };
  for (const auto& [from, to] : changes) {
    std::string bad = json;
    const size_t at = bad.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    bad.replace(at, std::string_view(from).size(), to);
    const auto read = ParseDurable(bad);
    ASSERT_FALSE(read) << to;
    EXPECT_EQ(read.error().message.find("b2b2b2"), std::string::npos) << read.error().message;
  }
}

}  // namespace
}  // namespace joinery::control
