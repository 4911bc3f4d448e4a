#include "tools/bench/traffic.h"

#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "wire/packet_view.h"
#include "wire/tcp_options.h"

namespace joinery::bench {
namespace {

settings::Config Farm() {
  settings::Config config;
  settings::Pool& pool = config.pools.emplace_back();
  pool.name = "web";
  pool.id = PoolId(1);
  pool.scheme.generations.push_back({.codepoint = Codepoint(1), .serial = Serial(7), .key = {}});
  pool.cookie.emplace().epochs.push_back({.serial = Serial(4), .key = {}});
  for (const char* address : {"198.18.0.1", "2001:db8::1"}) {
    pool.vips.push_back({.address = *IpAddress::Parse(address),
                         .protocol = 6,
                         .ports = {PortRange::One(Port(443))}});
  }
  for (const uint16_t id : {uint16_t{3}, uint16_t{5}}) {
    pool.backends.push_back({.name = "b" + std::to_string(id),
                             .id = BackendId(id),
                             .address = *IpAddress::Parse("198.18.64.2")});
  }
  return config;
}

// The ones' complement sum of a correct header or segment with its pseudo header is all ones.
uint32_t Sum(std::span<const uint8_t> bytes, uint32_t sum) {
  for (size_t i = 0; i < bytes.size(); i += 2) sum += bytes[i] * 256U + bytes[i + 1];
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

TEST(Traffic, FramesParseAndTheirChecksumsHold) {
  for (const Kind kind : kKinds) {
    for (const IpFamily family : {IpFamily::kIpv4, IpFamily::kIpv6}) {
      auto traffic = Traffic::Create(Farm(), kind, family, 1);
      ASSERT_TRUE(traffic) << traffic.error().message;
      for (int i = 0; i < 200; ++i) {
        const Frame frame = traffic->Next();
        const auto packet = wire::ParseFrame(frame.span());
        ASSERT_TRUE(packet) << ToString(packet.error());
        EXPECT_EQ(packet->kind, wire::PacketKind::kTcp);
        EXPECT_EQ(packet->family, family);
        EXPECT_EQ(packet->ip_offset + packet->ip_length, frame.length);
        EXPECT_FALSE(wire::ScanTcpOptions(*packet).malformed);
        if (family == IpFamily::kIpv4) {
          EXPECT_EQ(Sum(packet->ip().first<20>(), 0), 0xffffU);
        }
        const uint32_t pseudo = Sum(packet->source.bytes(), 0) +
                                Sum(packet->destination.bytes(), 0) + 6 +
                                static_cast<uint32_t>(packet->l4().size());
        EXPECT_EQ(Sum(packet->l4(), pseudo), 0xffffU);
      }
    }
  }
}

TEST(Traffic, FlowsAreDistinct) {
  auto traffic = Traffic::Create(Farm(), Kind::kData, IpFamily::kIpv4, 1);
  std::set<std::string> flows;
  constexpr int kFlows = 100'000;
  for (int i = 0; i < kFlows; ++i) {
    const auto frame = traffic->Next();
    const auto packet = wire::ParseFrame(frame.span());
    flows.insert(ToString(packet->source) + " " + std::to_string(packet->source_port.value()));
  }
  EXPECT_EQ(flows.size(), kFlows);
}

TEST(Traffic, SameSeedSameBytes) {
  auto a = Traffic::Create(Farm(), Kind::kMix, IpFamily::kIpv4, 7);
  auto b = Traffic::Create(Farm(), Kind::kMix, IpFamily::kIpv4, 7);
  auto c = Traffic::Create(Farm(), Kind::kMix, IpFamily::kIpv4, 8);
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const Frame frame = a->Next();
    EXPECT_EQ(frame.bytes, b->Next().bytes);
    differs |= frame.bytes != c->Next().bytes;
  }
  EXPECT_TRUE(differs);
}

TEST(Traffic, MixIsNinetyFiveFive) {
  auto traffic = Traffic::Create(Farm(), Kind::kMix, IpFamily::kIpv4, 1);
  std::map<std::string, int> count;
  constexpr int kPackets = 100'000;
  for (int i = 0; i < kPackets; ++i) {
    const auto frame = traffic->Next();
    const auto packet = wire::ParseFrame(frame.span());
    const bool join = wire::ScanTcpOptions(*packet).join_token.has_value();
    ++count[join ? "join" : packet->is_syn() ? "syn" : "data"];
  }
  // Four standard deviations of 5 % of 100,000 are 276.
  EXPECT_NEAR(count["data"], 90'000, 400);
  EXPECT_NEAR(count["syn"], 5'000, 276);
  EXPECT_NEAR(count["join"], 5'000, 276);
}

TEST(Traffic, RefusesWhatItCannotAim) {
  settings::Config no_generation = Farm();
  no_generation.pools[0].scheme.generations.clear();
  EXPECT_FALSE(Traffic::Create(no_generation, Kind::kJoin, IpFamily::kIpv4, 1));
  EXPECT_TRUE(Traffic::Create(no_generation, Kind::kData, IpFamily::kIpv4, 1));
  settings::Config no_cookie = Farm();
  no_cookie.pools[0].cookie.reset();
  EXPECT_FALSE(Traffic::Create(no_cookie, Kind::kCookie, IpFamily::kIpv4, 1));
  settings::Config no_epoch = Farm();
  no_epoch.pools[0].cookie->epochs.clear();
  EXPECT_FALSE(Traffic::Create(no_epoch, Kind::kCookie, IpFamily::kIpv4, 1));
  settings::Config no_backend = Farm();
  no_backend.pools[0].backends.clear();
  EXPECT_FALSE(Traffic::Create(no_backend, Kind::kData, IpFamily::kIpv4, 1));
  settings::Config only_v4 = Farm();
  only_v4.pools[0].vips.pop_back();
  EXPECT_FALSE(Traffic::Create(only_v4, Kind::kData, IpFamily::kIpv6, 1));
  EXPECT_FALSE(Traffic::Create(settings::Config{}, Kind::kData, IpFamily::kIpv4, 1));
}

}  // namespace
}  // namespace joinery::bench
