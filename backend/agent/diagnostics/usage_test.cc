#include "backend/agent/diagnostics/usage.h"

#include <gtest/gtest.h>

#include "tokenmap/token_encoder.h"

namespace joinery::agent {
namespace {

using std::chrono::seconds;

const IpAddress kVip = *IpAddress::Parse("198.18.1.1");
const IpAddress kVip6 = *IpAddress::Parse("2001:db8::1");
const IpAddress kOwn = *IpAddress::Parse("198.18.0.11");
const crypto::Key128 kKey(crypto::Key128::Bytes{1, 2, 3});

const tokenmap::Scheme kScheme =
    tokenmap::Scheme::Create(tokenmap::Algorithm::kFf1, PoolId(7), 2, 8).value();

std::vector<api::ServedVip> Vips() {
  return {
      {.address = kVip, .protocol = 6, .ports = {{Port(80), Port(80)}, {Port(8000), Port(8010)}}},
      {.address = kVip6, .protocol = 6, .ports = {{Port(1), Port(65535)}}},
      {.address = kVip, .protocol = 17, .ports = {{Port(53), Port(53)}}}};
}

SocketRow Row(const IpAddress& local, uint16_t port, Token token = Token()) {
  return {.local = local, .local_port = Port(port), .cookie = 1, .token = token};
}

Token TokenOf(uint16_t id, uint32_t nonce, uint64_t serial, uint8_t codepoint) {
  const tokenmap::GenerationKey key{
      .codepoint = Codepoint(codepoint), .serial = Serial(serial), .key = kKey};
  return tokenmap::TokenEncoder::Create(kScheme, key).value().Encode(BackendId(id), nonce).value();
}

CountUses Order(bool key_known = true) {
  const std::optional<crypto::Key128> key = key_known ? std::optional(kKey) : std::nullopt;
  return {.generation_bits = 2,
          .scheme = kScheme,
          .id = BackendId(23),
          .generations = {{.codepoint = Codepoint(1), .serial = Serial(5), .key = key},
                          {.codepoint = Codepoint(0), .serial = Serial(4), .key = std::nullopt}},
          .vips = Vips()};
}

TEST(IsAtVip, TakesAddressPortAndProtocolTogether) {
  struct Case {
    const char* name;
    SocketRow row;
    bool at_vip;
  };
  const Case cases[] = {
      {.name = "the port", .row = Row(kVip, 80), .at_vip = true},
      {.name = "the end of a range", .row = Row(kVip, 8010), .at_vip = true},
      {.name = "behind the range", .row = Row(kVip, 8011), .at_vip = false},
      {.name = "a UDP port", .row = Row(kVip, 53), .at_vip = false},
      {.name = "any port of IPv6", .row = Row(kVip6, 65535), .at_vip = true},
      {.name = "the backend's own address", .row = Row(kOwn, 80), .at_vip = false},
  };
  for (const Case& one : cases) EXPECT_EQ(IsAtVip(one.row, Vips()), one.at_vip) << one.name;
}

TEST(CountTokens, CountsByGeneration) {
  const std::vector<SocketRow> rows = {
      Row(kVip, 80, TokenOf(23, 1, 5, 1)), Row(kVip6, 80, TokenOf(23, 2, 5, 1)),
      Row(kVip, 80, TokenOf(23, 1, 4, 0)), Row(kOwn, 80, TokenOf(23, 3, 5, 1)),  // not at a VIP
      Row(kVip, 80, TokenOf(24, 1, 5, 1)),  // another's, and the key says so
      Row(kVip, 80, Token(0x80000000)),     // a codepoint that stands for nothing
      Row(kVip, 80, Token(0xffffffff)),     // reserved
  };
  const TokenCounts counts = CountTokens(rows, Order());
  EXPECT_EQ(counts.tokens, (std::map<Serial, uint32_t>{{Serial(5), 2}, {Serial(4), 1}}));
  EXPECT_EQ(counts.foreign, 2U);
  EXPECT_EQ(counts.unroutable, 1U);
}

// Rather too many than too few: zero retires a generation.
TEST(CountTokens, BelievesTheCodepointWhereItHasNoKey) {
  const std::vector<SocketRow> rows = {Row(kVip, 80, TokenOf(24, 1, 5, 1))};
  EXPECT_EQ(CountTokens(rows, Order(false)).tokens.at(Serial(5)), 1U);
}

TEST(CountTokens, LeavesOutWhatFellBack) {
  SocketRow row = Row(kVip, 80, TokenOf(23, 1, 5, 1));
  row.fallen_back = true;
  EXPECT_TRUE(CountTokens({&row, 1}, Order()).tokens.empty());
}

// Before control has said anything to this start of the agent: the record has r, VIPs and serials.
TEST(CountTokens, CountsByTheRecordAlone) {
  CountUses order = Order(false);
  order.scheme.reset();
  const std::vector<SocketRow> rows = {Row(kVip, 80, TokenOf(23, 1, 5, 1)),
                                       Row(kOwn, 80, TokenOf(23, 3, 5, 1))};
  EXPECT_EQ(CountTokens(rows, order).tokens.at(Serial(5)), 1U);
  order.generation_bits = 0;
  EXPECT_TRUE(CountTokens(rows, order).tokens.empty()) << "no view ever: no token of ours";
}

TEST(CountConnections, CountsThoseToVips) {
  const std::vector<SocketRow> rows = {Row(kVip, 80), Row(kVip, 81), Row(kVip6, 81), Row(kOwn, 80)};
  EXPECT_EQ(CountConnections(rows, Vips()), 2U);
}

TEST(Ages, CountFromTheFirstLook) {
  Ages ages;
  const Instant start{};
  EXPECT_EQ(ages.Update({}, start), Nanoseconds(0));
  EXPECT_EQ(ages.Update({5, 3}, start), Nanoseconds(0));
  EXPECT_EQ(ages.Update({5, 9, 3}, start + seconds(10)), seconds(10));
  EXPECT_EQ(ages.Update({9}, start + seconds(30)), seconds(20)) << "the older ones have ended";
  EXPECT_EQ(ages.Update({3}, start + seconds(40)), Nanoseconds(0)) << "a new socket";
  EXPECT_EQ(ages.Update({}, start + seconds(50)), Nanoseconds(0));
}

}  // namespace
}  // namespace joinery::agent
