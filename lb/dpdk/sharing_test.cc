// Two lcores at full speed, side by side: what they write lies in cache lines of their own. By
// addresses, since time proves nothing on a shared machine; and by counts, which would be wrong if
// they wrote to the same counter.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <gtest/gtest.h>
#include <rte_ethdev.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "lb/dpdk/devices.h"
#include "lb/dpdk/lcore.h"
#include "lb/dpdk/reload.h"
#include "lb/steer/testing/test_config.h"
#include "wire/testing/packet_builder.h"

namespace joinery::dpdk {
namespace {

using wire::testing::Bytes;

constexpr size_t kLcores = 2;
constexpr uint64_t kRounds = 2000;
constexpr uintptr_t kLine = 64;

settings::Config Config() {
  settings::Config config = steer::testing::TestConfig();
  config.lb.lcores = {0, 1};
  config.lb.eal_options = {"--no-huge", "-m", "96"};
  config.lb.ports[0].device = "net_ring0";  // each queue gives back what is sent to it
  return config;
}

// What one lcore is given, over and over.
std::vector<Bytes> Syns(const MacAddress& destination) {
  std::vector<Bytes> frames;
  for (uint16_t i = 0; i < kBurst; ++i) {
    wire::testing::TcpSpec spec;
    spec.ip.destination = "198.18.1.1";
    spec.ip.link.destination = destination;
    spec.source_port = static_cast<uint16_t>(1000 + i);
    spec.flags = wire::kSyn;
    frames.push_back(BuildTcp(spec));
  }
  return frames;
}

// An lcore, its queue, and the other end of that queue.
struct Worker {
  Lcore& lcore;
  SnapshotHolder<Plan>& plans;
  uint16_t index;
  uint16_t port_id;
  rte_mempool* pool;
  const std::vector<Bytes>& frames;

  void PutIn() const {
    for (const Bytes& frame : frames) {
      rte_mbuf* packet = rte_pktmbuf_alloc(pool);
      char* room = rte_pktmbuf_append(packet, static_cast<uint16_t>(frame.size()));
      std::ranges::copy(frame, reinterpret_cast<uint8_t*>(room));
      rte_eth_tx_burst(port_id, index, &packet, 1);
    }
  }
  void TakeOut() const {
    std::array<rte_mbuf*, kBurst> sent;
    while (const uint16_t count = rte_eth_rx_burst(port_id, index, sent.data(), kBurst)) {
      rte_pktmbuf_free_bulk(sent.data(), count);
    }
  }
  void Run() const {
    plans.Online(index);
    for (uint64_t i = 0; i < kRounds; ++i) {
      PutIn();
      lcore.Round();
      TakeOut();
    }
    plans.Offline(index);
  }
};

// The numbers of the cache lines that a piece of memory touches, first and last.
struct Lines {
  uintptr_t first;
  uintptr_t last;
};

Lines LinesOf(std::span<const std::byte> memory) {
  const auto begin = reinterpret_cast<uintptr_t>(memory.data());
  return {begin / kLine, (begin + memory.size() - 1) / kLine};
}

bool Overlap(const Lines& a, const Lines& b) { return a.first <= b.last && b.first <= a.last; }

// What an lcore writes, with its cache of packet buffers.
std::vector<Lines> WrittenBy(Lcore& lcore, rte_mempool* pool, uint16_t cpu) {
  std::vector<Lines> lines;
  for (const std::span<const std::byte> memory : lcore.WrittenMemory()) {
    lines.push_back(LinesOf(memory));
  }
  const rte_mempool_cache* cache = rte_mempool_default_cache(pool, cpu);
  lines.push_back(LinesOf(std::as_bytes(std::span(cache, 1))));
  return lines;
}

TEST(Sharing, TwoLcoresAtFullSpeedWriteNoCommonCacheLine) {
  settings::Config config = Config();
  auto devices = Devices::Start(config.lb);
  ASSERT_TRUE(devices) << devices.error().message;
  const Port& port = (*devices)->ports()[0];
  rte_mempool* pool = (*devices)->PoolOf(0);
  const ManualClock clock;
  Neighbours neighbours({neighbour::Identity(port.mac(), config.lb.ports[0].addresses)});
  SnapshotHolder<Plan> plans(kLcores, MakePlan(config, 1, nullptr, neighbours, clock).value());
  for (const steer::NextHop& hop : plans.Current().snapshot->next_hops()) {
    neighbours.Lock().table.Answered(hop.port, hop.address, {{2, 0, 0, 0, 0, 0xb}}, clock.Now());
  }
  const std::atomic<bool> stop = false;
  const LcoreWorld world{.ports = (*devices)->ports(),
                         .plans = plans,
                         .neighbours = neighbours,
                         .clock = clock,
                         .stop = stop};
  // As run.cc makes them: one behind the other.
  std::vector<std::unique_ptr<Lcore>> lcores;
  for (uint16_t i = 0; i < kLcores; ++i) {
    lcores.push_back(std::make_unique<Lcore>(i, world, config.lb, pool));
  }
  const std::vector<Bytes> frames = Syns(port.mac());
  std::vector<Worker> workers;
  for (uint16_t i = 0; i < kLcores; ++i) {
    workers.push_back({*lcores[i], plans, i, port.id(), pool, frames});
  }
  const auto run = [](void* worker) {
    static_cast<const Worker*>(worker)->Run();
    return 0;
  };
  ASSERT_EQ(rte_eal_remote_launch(run, &workers[1], config.lb.lcores[1]), 0);
  workers[0].Run();
  rte_eal_mp_wait_lcore();

  for (const std::unique_ptr<Lcore>& lcore : lcores) {
    const auto forwarded = static_cast<size_t>(steer::Action::kForward);
    EXPECT_EQ(lcore->steer_counters().actions[forwarded].Read(), kRounds * kBurst);
    EXPECT_EQ(lcore->edge_counters().busy_polls.Read(), kRounds);
  }
  const std::vector<Lines> first = WrittenBy(*lcores[0], pool, config.lb.lcores[0]);
  const std::vector<Lines> second = WrittenBy(*lcores[1], pool, config.lb.lcores[1]);
  for (size_t i = 0; i < first.size(); ++i) {
    for (size_t j = 0; j < second.size(); ++j) {
      EXPECT_FALSE(Overlap(first[i], second[j])) << "pieces " << i << " and " << j;
    }
  }
}

TEST(Sharing, NeighboursOfOneAnotherWouldShow) {
  alignas(kLine) std::array<std::byte, 2 * kLine> memory{};
  const std::span<const std::byte> all(memory);
  EXPECT_TRUE(Overlap(LinesOf(all.first(8)), LinesOf(all.subspan(56, 8))));
  EXPECT_TRUE(Overlap(LinesOf(all.first(65)), LinesOf(all.last(1))));
  EXPECT_FALSE(Overlap(LinesOf(all.first(64)), LinesOf(all.last(64))));
}

}  // namespace
}  // namespace joinery::dpdk
