// One lcore, round by round, on a port whose ends are in the test's hands: net_ring gives back what
// is sent to it, so the test puts frames in by sending and takes out what the lcore sent.
#include "lb/dpdk/lcore.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "lb/dpdk/devices.h"
#include "lb/dpdk/edge_counters.h"
#include "lb/dpdk/plan.h"
#include "lb/dpdk/port.h"
#include "lb/dpdk/reload.h"
#include "lb/steer/testing/test_config.h"
#include "wire/ethernet.h"
#include "wire/packet_view.h"
#include "wire/tcp.h"
#include "wire/testing/packet_builder.h"

namespace joinery::dpdk {
namespace {

using wire::testing::Bytes;

constexpr MacAddress kBackendMac{{2, 0, 0, 0, 0, 0xb}};

settings::Config Config() {
  settings::Config config = steer::testing::TestConfig();
  config.lb.lcores = {0};
  config.lb.eal_options = {"--no-huge", "-m", "96"};
  config.lb.ports[0].device = "net_ring0";
  return config;
}

// DPDK starts once in a process.
Devices& SharedDevices() {
  static const std::unique_ptr<Devices> devices = [] {
    auto started = Devices::Start(Config().lb);
    if (!started) {
      ADD_FAILURE() << started.error().message;
      std::abort();
    }
    return *std::move(started);
  }();
  return *devices;
}

class LcoreTest : public testing::Test {
 protected:
  LcoreTest() {
    neighbours_.Lock().responder.SetVirtual(plans_.Current().snapshot->vip_addresses());
    plans_.Online(0);
  }
  ~LcoreTest() override {
    plans_.Offline(0);
    static_cast<void>(TakeSent());  // what is left in the ring is no business of the next test
  }

  static const Port& ThePort() { return SharedDevices().ports()[0]; }

  void Receive(const std::vector<Bytes>& frames) {
    for (const Bytes& frame : frames) {
      rte_mbuf* packet = rte_pktmbuf_alloc(SharedDevices().PoolOf(0));
      ASSERT_NE(packet, nullptr);
      char* room = rte_pktmbuf_append(packet, static_cast<uint16_t>(frame.size()));
      ASSERT_NE(room, nullptr);
      std::ranges::copy(frame, reinterpret_cast<uint8_t*>(room));
      ASSERT_EQ(rte_eth_tx_burst(ThePort().id(), 0, &packet, 1), 1);
    }
  }
  std::vector<Bytes> TakeSent() {
    std::vector<Bytes> sent;
    std::array<rte_mbuf*, kBurst> packets;
    while (const uint16_t count = rte_eth_rx_burst(ThePort().id(), 0, packets.data(), kBurst)) {
      for (uint16_t i = 0; i < count; ++i) {
        const auto* data = rte_pktmbuf_mtod(packets[i], const uint8_t*);
        sent.emplace_back(data, data + rte_pktmbuf_data_len(packets[i]));
        rte_pktmbuf_free(packets[i]);
      }
    }
    return sent;
  }
  void BackendsAnswer() {
    Neighbours::Locked parts = neighbours_.Lock();
    for (const steer::NextHop& hop : plans_.Current().snapshot->next_hops()) {
      parts.table.Answered(hop.port, hop.address, kBackendMac, clock_.Now());
    }
  }
  uint64_t Dropped(EdgeDrop reason) const {
    return lcore_.edge_counters().drops[static_cast<size_t>(reason)].Read();
  }

  settings::Config config_ = Config();
  ManualClock clock_;
  Neighbours neighbours_{{neighbour::Identity(ThePort().mac(), Config().lb.ports[0].addresses)}};
  SnapshotHolder<Plan> plans_{1, MakePlan(config_, 1, nullptr, neighbours_, clock_).value()};
  std::atomic<bool> stop_ = false;
  Lcore lcore_{0,
               LcoreWorld{.ports = SharedDevices().ports(),
                          .plans = plans_,
                          .neighbours = neighbours_,
                          .clock = clock_,
                          .stop = stop_},
               config_.lb, SharedDevices().PoolOf(0)};
};

Bytes Syn(const MacAddress& destination, uint16_t source_port = 40000) {
  wire::testing::TcpSpec spec;
  spec.ip.destination = "198.18.1.1";
  spec.ip.link.destination = destination;
  spec.source_port = source_port;
  spec.flags = wire::kSyn;
  return BuildTcp(spec);
}

TEST_F(LcoreTest, ForwardsABurst) {
  BackendsAnswer();
  std::vector<Bytes> frames;
  for (uint16_t i = 0; i < kBurst; ++i) {
    frames.push_back(Syn(ThePort().mac(), static_cast<uint16_t>(1000 + i)));
  }
  Receive(frames);
  EXPECT_EQ(lcore_.Round(), kBurst);
  const std::vector<Bytes> sent = TakeSent();
  ASSERT_EQ(sent.size(), kBurst);
  for (const Bytes& frame : sent) {
    EXPECT_EQ(wire::EthernetView::Parse(frame)->destination(), kBackendMac);
    EXPECT_EQ(wire::EthernetView::Parse(frame)->source(), ThePort().mac());
    EXPECT_EQ(wire::ParseFrame(frame)->ttl, 63);
  }
  EXPECT_EQ(lcore_.edge_counters().sent.Read(), kBurst);
  EXPECT_EQ(lcore_.edge_counters().busy_polls.Read(), 1U);
}

TEST_F(LcoreTest, DropsWhatHasNoNeighbourAndAsksForIt) {
  Receive({Syn(ThePort().mac())});
  lcore_.Round();
  EXPECT_EQ(Dropped(EdgeDrop::kNoNeighbour), 1U);
  // The first round also asks for every next hop that is not known.
  for (const Bytes& frame : TakeSent()) {
    EXPECT_EQ(wire::EthernetView::Parse(frame)->ethertype(), wire::kEtherTypeArp);
  }
}

TEST_F(LcoreTest, LeavesOtherStationsFramesAlone) {
  BackendsAnswer();
  Bytes own = Syn(ThePort().mac());
  std::ranges::copy(ThePort().mac().bytes, own.begin() + 6);
  Receive({Syn(kBackendMac), own});
  lcore_.Round();
  EXPECT_EQ(Dropped(EdgeDrop::kForeignMac), 1U);
  EXPECT_EQ(Dropped(EdgeDrop::kOwnFrame), 1U);
  EXPECT_EQ(lcore_.edge_counters().sent.Read(), 0U);
}

TEST_F(LcoreTest, FramesForItselfWaitWhileTheLockIsHeldUpToABound) {
  BackendsAnswer();
  const std::vector<Bytes> burst(kBurst, Bytes(60, 0xff));  // broadcasts of no known protocol
  {
    const Neighbours::Locked held = neighbours_.Lock();
    for (size_t waiting = 0; waiting < Lcore::kLocalRoom; waiting += kBurst) {
      Receive(burst);
      lcore_.Round();
    }
    EXPECT_EQ(Dropped(EdgeDrop::kLocalFull), 0U);
    Receive({burst[0], Syn(ThePort().mac())});
    lcore_.Round();
    EXPECT_EQ(Dropped(EdgeDrop::kLocalFull), 1U);
    EXPECT_EQ(lcore_.edge_counters().sent.Read(), 1U);  // forwarding goes on
  }
  lcore_.Round();
  Receive({burst[0]});
  lcore_.Round();
  EXPECT_EQ(Dropped(EdgeDrop::kLocalFull), 1U);
}

TEST_F(LcoreTest, LosesNoBuffer) {
  BackendsAnswer();
  rte_mempool* pool = SharedDevices().PoolOf(0);
  const unsigned before = rte_mempool_in_use_count(pool);
  for (int round = 0; round < 100; ++round) {
    Receive({Syn(ThePort().mac()), Syn(kBackendMac), Bytes(60, 0xff), Bytes(3, 0)});
    lcore_.Round();
    static_cast<void>(TakeSent());
  }
  EXPECT_EQ(rte_mempool_in_use_count(pool), before);
}

// Something happens while the lcore looks at its clock, which is after it has read the snapshot.
class InterruptedClock final : public Clock {
 public:
  [[nodiscard]] Instant Now() const noexcept override {
    ++looks;
    if (const auto happens = std::exchange(meanwhile, nullptr)) happens();
    return {};
  }

  mutable int looks = 0;
  mutable std::function<void()> meanwhile;
};

TEST_F(LcoreTest, ARoundGoesByTheSnapshotAndTheTimeThatItBeganWith) {
  BackendsAnswer();
  settings::Config failed = config_;
  for (settings::Pool& pool : failed.pools) {
    for (settings::Backend& backend : pool.backends) {
      backend.state = settings::BackendState::kFailed;
    }
  }
  const Plan* const before = &plans_.Current();
  auto next = MakePlan(failed, 2, before->snapshot.get(), neighbours_, clock_).value();
  std::thread swapper;
  const InterruptedClock clock;
  clock.meanwhile = [&] {
    swapper = std::thread([&] { static_cast<void>(plans_.Swap(std::move(next))); });
    while (&plans_.Current() == before) std::this_thread::yield();
  };
  Lcore lcore(0,
              LcoreWorld{.ports = SharedDevices().ports(),
                         .plans = plans_,
                         .neighbours = neighbours_,
                         .clock = clock,
                         .stop = stop_},
              config_.lb, SharedDevices().PoolOf(0));
  Receive(std::vector<Bytes>(kBurst, Syn(ThePort().mac())));
  EXPECT_EQ(lcore.Round(), kBurst);
  swapper.join();
  EXPECT_EQ(lcore.edge_counters().sent.Read(), kBurst);
  EXPECT_EQ(clock.looks, 1);

  static_cast<void>(TakeSent());
  Receive({Syn(ThePort().mac())});
  lcore.Round();
  EXPECT_EQ(lcore.edge_counters().sent.Read(), kBurst);  // the next round: nowhere to go
}

TEST_F(LcoreTest, RunEndsWhenToldTo) {
  stop_ = true;
  plans_.Offline(0);
  lcore_.Run();
  plans_.Online(0);
  EXPECT_EQ(lcore_.edge_counters().empty_polls.Read(), 0U);
}

}  // namespace
}  // namespace joinery::dpdk
