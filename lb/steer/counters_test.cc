#include "lb/steer/counters.h"

#include <atomic>
#include <memory>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "lb/steer/steer.h"
#include "lb/steer/testing/test_config.h"
#include "wire/testing/packet_builder.h"

namespace joinery::steer {
namespace {

using testing::BuildOrDie;
using testing::TestConfig;
using wire::testing::BuildTcp;
using wire::testing::Bytes;

size_t At(auto value) { return static_cast<size_t>(value); }

// One TCP packet of `length` bytes of IP to pool web.
Bytes Packet(uint8_t flags, uint16_t port, size_t length = 40) {
  return BuildTcp({.ip = {.source = "198.18.5.5", .destination = "198.18.1.1"},
                   .source_port = port,
                   .flags = flags,
                   .payload = Bytes(length - 40)});
}

void Decide(const Snapshot& snapshot, LcoreState& state, const Bytes& frame) {
  const std::span<const uint8_t> frames[] = {frame};
  Verdict verdict;
  DecideBurst(snapshot, state, frames, Instant{} + std::chrono::hours(1), {&verdict, 1});
}

TEST(Counters, SumsLcores) {
  const auto snapshot = BuildOrDie(TestConfig());
  LcoreState a(1024), b(1024);
  Decide(*snapshot, a, Packet(wire::kSyn, 1));
  Decide(*snapshot, a, Packet(wire::kAck, 1, 100));
  Decide(*snapshot, b, Packet(wire::kAck, 1, 1000));
  Decide(*snapshot, b, Packet(wire::kAck, 2, 1501));
  Decide(*snapshot, b, Bytes{});
  const Counters* const lcores[] = {&a.counters(), &b.counters()};
  const CounterTotals totals = SumCounters(lcores, *snapshot);
  EXPECT_EQ(totals.actions[At(Action::kForward)], 3u);
  EXPECT_EQ(totals.actions[At(Action::kDrop)], 2u);
  EXPECT_EQ(totals.rules[At(Rule::kPlacement)], 1u);
  EXPECT_EQ(totals.rules[At(Rule::kCache)], 1u);
  EXPECT_EQ(totals.rules[At(Rule::kHash)], 1u);
  EXPECT_EQ(totals.drops[At(DropReason::kOverMtu)], 1u);
  EXPECT_EQ(totals.drops[At(DropReason::kMalformed)], 1u);
  EXPECT_EQ(totals.parse_errors[At(wire::ParseReason::kTruncated)], 1u);
  EXPECT_EQ(totals.pools[0], totals.rules);
  uint64_t packets = 0, bytes = 0;
  for (const auto& backend : totals.backends) {
    packets += backend.packets;
    bytes += backend.bytes;
  }
  EXPECT_EQ(packets, 3u);
  EXPECT_EQ(bytes, 40u + 100u + 1000u);
}

// "truncated":0,... : the list is that of wire/parse_error.h.
std::string ParseErrorsAtZero() {
  std::string out;
  for (size_t i = 0; i < wire::kParseReasonCount; ++i) {
    out += i == 0 ? "" : ",";
    out += fmt::format("\"{}\":0", wire::Name(static_cast<wire::ParseReason>(i)));
  }
  return out;
}

// A newcomer under an old index begins at zero; whoever stays goes on counting.
TEST(Counters, SurviveAReload) {
  settings::Config config = TestConfig();
  const auto one = BuildOrDie(config, 1);
  LcoreState state(1024);
  for (uint16_t port = 1; port <= 200; ++port) {
    Decide(*one, state, Packet(wire::kAck, port));
  }
  const Counters* const lcores[] = {&state.counters()};
  const CounterTotals before = SumCounters(lcores, *one);
  const auto index = [&](const Snapshot& snapshot, std::string_view name) {
    size_t i = 0;
    while (snapshot.backends()[i].name != name) ++i;
    return i;
  };
  const size_t b1 = index(*one, "b1"), b2 = index(*one, "b2");
  ASSERT_GT(before.backends[b1].packets, 0u);
  ASSERT_GT(before.backends[b2].packets, 0u);

  testing::BackendOf(config, "b2").name = "b4";
  const auto two = BuildOrDie(config, 2, one.get());
  ASSERT_EQ(index(*two, "b4"), b2);
  state.Adopt(*two);
  const CounterTotals after = SumCounters(lcores, *two);
  EXPECT_EQ(after.backends[b1].packets, before.backends[b1].packets);
  EXPECT_EQ(after.backends[b1].bytes, before.backends[b1].bytes);
  EXPECT_EQ(after.backends[b2].packets, 0u);
  EXPECT_EQ(after.backends[b2].bytes, 0u);
  EXPECT_EQ(after.rules, before.rules);
}

TEST(Counters, JsonNamesEverything) {
  settings::Config config = TestConfig();
  config.pools.pop_back();
  config.pools[0].backends.pop_back();
  config.pools[0].backends[1].state = settings::BackendState::kDraining;
  const auto snapshot = BuildOrDie(config, 4);
  LcoreState state(1024);
  Decide(*snapshot, state, Packet(wire::kSyn, 1));
  Decide(*snapshot, state, Packet(wire::kAck, 1, 100));
  const Counters* const lcores[] = {&state.counters()};
  EXPECT_EQ(
      CountersToJson(SumCounters(lcores, *snapshot), *snapshot),
      R"({"version":4,"actions":{"forward":2,"drop":0,"local":0,"copy":0},)"
      R"("rules":{"direct":0,"token":0,"placement":1,"cookie":0,"handshake":0,"cache":1,"hash":0},)"
      R"("drops":{"none":0,"malformed":0,"no_service":0,"fragment":0,"icmp_unsupported":0,)"
      R"("icmp_quote":0,"ttl_expired":0,"over_mtu":0,"join_rate":0,"no_backend":0},)"
      R"("parse_errors":{)" +
          ParseErrorsAtZero() +
          R"(},)"
          R"("notes":{"join_unroutable":0,"handshake_unroutable":0,"cookie_epoch":0,)"
          R"("cookie_check":0,"cookie_unroutable":0,"hash_rate":0,)"
          R"("mptcp_ambiguous":0,"mptcp_malformed":0,"options_malformed":0,"cache_stale":0,)"
          R"("cache_evicted":0,"cache_refused":0,"icmp_error":0},)"
          R"("pools":{"web":{"rules":{"direct":0,"token":0,"placement":1,"cookie":0,"handshake":0,)"
          R"("cache":1,"hash":0},"backends":{"b1":{"id":5,"state":"up","packets":2,"bytes":140},)"
          R"("b2":{"id":9,"state":"draining","packets":0,"bytes":0}}}}})");
}

// Run under ThreadSanitizer too. A reader sees each counter grow and never a torn value.
TEST(Counters, ReadingWhileAnLcoreWrites) {
  const auto snapshot = BuildOrDie(TestConfig());
  LcoreState state(1024);
  constexpr uint64_t kPackets = 20'000;
  std::atomic<bool> started = false;
  std::thread lcore([&] {
    const Bytes frame = Packet(wire::kAck, 7);
    started = true;
    for (uint64_t i = 0; i < kPackets; ++i) Decide(*snapshot, state, frame);
  });
  while (!started) std::this_thread::yield();
  const Counters* const lcores[] = {&state.counters()};
  uint64_t last = 0;
  while (last < kPackets) {
    const CounterTotals totals = SumCounters(lcores, *snapshot);
    const uint64_t now = totals.rules[At(Rule::kHash)];
    ASSERT_GE(now, last);
    ASSERT_LE(now, kPackets);
    last = now;
  }
  lcore.join();
}

TEST(Counters, TwoLcoresShareNoCacheLine) {
  constexpr uintptr_t kLine = 64;
  LcoreState a(1024), b(1024);
  for (const Counters* c : {&a.counters(), &b.counters()}) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(c) % kLine, 0u);
  }
}

}  // namespace
}  // namespace joinery::steer
