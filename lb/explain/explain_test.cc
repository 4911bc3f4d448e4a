#include "lb/explain/explain.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "lb/explain/question.h"
#include "lb/steer/testing/test_config.h"
#include "wire/testing/packet_builder.h"

namespace joinery::explain {
namespace {

using steer::testing::BackendOf;
using steer::testing::BuildOrDie;
using steer::testing::TestConfig;
using steer::testing::TokenOf;

std::string Ask(const settings::Config& config, const std::vector<Parameter>& parameters) {
  const auto frame = FrameOf(parameters);
  if (!frame) return "refused: " + frame.error().message;
  return Explain(*BuildOrDie(config, 3), *frame);
}

const Parameter kFrom{"source", "198.18.9.1:40000"};
const Parameter kTo{"destination", "198.18.1.1:80"};

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(Explain, SaysWhichRuleWhichBackendAndWhy) {
  const settings::Config config = TestConfig();
  const std::string token = std::to_string(TokenOf(config, "b2", 1).value());
  const std::string answer = Ask(config, {kFrom, kTo, {"token", token}});
  EXPECT_TRUE(answer.starts_with("{\"packet\":\"198.18.9.1:40000 > 198.18.1.1:80 S ")) << answer;
  EXPECT_TRUE(answer.ends_with(
      "\"verdict\":\"token gen 1 (serial 7) id 9 -> web/b2\","
      "\"why\":\"an MP_JOIN SYN: the receiver's token names the backend\","
      "\"action\":\"forward\",\"rule\":\"token\",\"pool\":\"web\",\"backend\":\"b2\",\"notes\":[],"
      "\"version\":3}"))
      << answer;
}

TEST(Explain, ReadsTheCookieInATimestamp) {
  settings::Config config = TestConfig();
  steer::testing::AddCookie(config);
  const tokenmap::TwinFlow flow{.client = wire::testing::Ip("198.18.9.1"),
                                .vip = wire::testing::Ip("198.18.1.1"),
                                .client_port = Port(40000),
                                .vip_port = Port(80)};
  const auto ask = [&](uint32_t echo) {
    const auto frame =
        wire::testing::BuildTcp({.ip = {.source = "198.18.9.1", .destination = "198.18.1.1"},
                                 .flags = wire::kAck,
                                 .options = wire::testing::TimestampsOption(1, echo)});
    return Ask(config, {{"frame", ToHex(frame)}});
  };
  const uint32_t echo = steer::testing::EchoOf(config, "b2", 7, flow);
  const std::string named = ask(echo);
  EXPECT_TRUE(Has(named, "\"verdict\":\"cookie epoch 7 id 9 -> web/b2\"")) << named;
  EXPECT_TRUE(Has(named, "\"why\":\"the echoed timestamp names the backend\"")) << named;
  const std::string foreign = ask(echo ^ 3U << 11);
  EXPECT_TRUE(Has(foreign, "no live epoch: no cookie of ours")) << foreign;
  EXPECT_TRUE(Has(foreign, "\"notes\":[\"cookie_epoch\"]")) << foreign;
}

TEST(Explain, SaysWhyNot) {
  settings::Config config = TestConfig();
  const std::string token = std::to_string(TokenOf(config, "b2", 1).value());
  BackendOf(config, "b2").state = settings::BackendState::kFailed;
  const std::string unroutable = Ask(config, {kFrom, kTo, {"token", token}});
  EXPECT_TRUE(Has(unroutable, "an MP_JOIN token that names no backend here")) << unroutable;
  EXPECT_TRUE(Has(unroutable, "\"notes\":[\"join_unroutable\"]")) << unroutable;

  const std::string no_service = Ask(config, {kFrom, {"destination", "198.18.1.1:81"}});
  EXPECT_TRUE(Has(no_service, "\"action\":\"drop\",\"reason\":\"no_service\"")) << no_service;
  EXPECT_TRUE(Has(no_service, "a virtual address, but nothing is served on that port"));
  EXPECT_TRUE(Has(no_service, "drop no_service: 198.18.1.1 serves tcp 80, 443")) << no_service;

  const std::string ack = Ask(config, {kFrom, kTo, {"kind", "ack"}});
  EXPECT_TRUE(Has(ack, "\"rule\":\"hash\"")) << ack;
  EXPECT_TRUE(Has(ack, "goes by its cache instead")) << ack;

  const std::string elsewhere = Ask(config, {kFrom, {"destination", "198.18.200.1:80"}});
  EXPECT_TRUE(Has(elsewhere, "\"action\":\"local\"")) << elsewhere;
}

TEST(Explain, TakesBytesAsTheyWereCaptured) {
  const settings::Config config = TestConfig();
  const auto frame = wire::testing::BuildTcp(
      {.ip = {.source = "2001:db8:9::1", .destination = "2001:db8:1::1"}, .flags = wire::kSyn});
  std::string hex = ToHex(frame);
  const std::string by_frame = Ask(config, {{"frame", hex}});
  EXPECT_TRUE(Has(by_frame, "\"rule\":\"placement\"")) << by_frame;
  hex = hex.substr(2 * 14);
  hex.insert(10, " \n");
  EXPECT_EQ(Ask(config, {{"packet", hex}}), by_frame);
  EXPECT_TRUE(Has(Ask(config, {{"frame", "00"}}), "malformed: "));
}

TEST(Explain, SendsUdpByTheHash) {
  const std::string answer =
      Ask(TestConfig(), {kFrom, {"destination", "198.18.1.1:443"}, {"protocol", "udp"}});
  EXPECT_TRUE(Has(answer, "\"rule\":\"hash\"")) << answer;
}

struct Refusal {
  const char* name;
  std::vector<Parameter> parameters;
  const char* says;
};

TEST(Question, SaysWhatIsWrongWithIt) {
  for (const Refusal& row : {
           Refusal{"nothing", {}, "source: missing; a question has frame, packet, or source"},
           Refusal{"unknown", {{"colour", "red"}}, "parameter: \"colour\"; expected one of frame"},
           Refusal{"half a byte", {{"frame", "abc"}}, "frame: \"abc\"; expected 1..65557 bytes"},
           Refusal{"no IP", {{"packet", "00"}}, "packet: \"00\"; expected an IPv4 or IPv6"},
           Refusal{"both", {{"packet", "45"}, kFrom}, "packet: says all; leave the rest out"},
           Refusal{"no port", {{"source", "198.18.9.1"}, kTo}, "source: \"198.18.9.1\"; expected"},
           Refusal{"two families",
                   {kFrom, {"destination", "[2001:db8:1::1]:80"}},
                   "expected both of one family"},
           Refusal{"protocol", {kFrom, kTo, {"protocol", "sctp"}}, "expected tcp or udp"},
           Refusal{"kind", {kFrom, kTo, {"kind", "fin\n"}}, "kind: \"fin?\"; expected syn, join"},
           Refusal{"join without token", {kFrom, kTo, {"kind", "join"}}, "kind join has one"},
           Refusal{"ACK with token",
                   {kFrom, kTo, {"kind", "ack"}, {"token", "1"}},
                   "kind join has one"},
           Refusal{"token", {kFrom, kTo, {"token", "0x1ffffffff"}}, "a number of 32 bits"},
           Refusal{"UDP", {kFrom, kTo, {"protocol", "udp"}, {"kind", "syn"}}, "UDP has none"},
       }) {
    const std::string answer = Ask(TestConfig(), row.parameters);
    EXPECT_TRUE(answer.starts_with("refused: ") && Has(answer, row.says))
        << row.name << ": " << answer;
  }
}

}  // namespace
}  // namespace joinery::explain
