// DPDK's parts in one process: it can be started once, so the tests share it.
#include "lb/dpdk/devices.h"

#include <cstdlib>
#include <memory>

#include <gtest/gtest.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "lb/dpdk/eal.h"
#include "lb/dpdk/packet_pool.h"
#include "lb/dpdk/port.h"

namespace joinery::dpdk {
namespace {

settings::PortConfig PortOn(const std::string& name, const std::string& device) {
  return {.name = name, .device = device, .addresses = {}, .gateways = {}};
}

settings::Balancer Balancer() {
  settings::Balancer balancer;
  balancer.lcores = {0};
  balancer.eal_options = {"--no-huge", "-m", "192"};
  balancer.ports = {PortOn("one", "net_null0,size=60"), PortOn("two", "net_ring0")};
  return balancer;
}

Devices& SharedDevices() {
  static const std::unique_ptr<Devices> devices = [] {
    auto started = Devices::Start(Balancer());
    if (!started) {
      ADD_FAILURE() << started.error().message;
      std::abort();
    }
    return *std::move(started);
  }();
  return *devices;
}

TEST(DevicesTest, StartsEveryPortInTheConfigurationsOrder) {
  const std::span<const Port> ports = SharedDevices().ports();
  ASSERT_EQ(ports.size(), 2U);
  EXPECT_EQ(ports[0].name(), "one");
  EXPECT_EQ(ports[1].name(), "two");
  EXPECT_FALSE(ports[0].mac().IsGroup());
  EXPECT_EQ(ports[1].counters().rx_packets, 0U);
}

TEST(DevicesTest, APortThatDpdkDoesNotHaveIsNamed) {
  static_cast<void>(SharedDevices());
  const auto port = FindPort(PortOn("three", "net_null9"));
  ASSERT_FALSE(port);
  EXPECT_EQ(port.error().message, "port three: DPDK has no device net_null9");
}

TEST(DevicesTest, APortWithTooFewQueuesIsRefused) {
  constexpr uint16_t kTooMany = 2000;
  const auto port =
      Port::Start(PortOn("one", "net_null0"), {.queues = kTooMany}, SharedDevices().PoolOf(0));
  ASSERT_FALSE(port);
  EXPECT_NE(port.error().message.find("2000 lcores need 2000 queues"), std::string::npos)
      << port.error().message;
}

// The distance of a fresh pool's second packet from its third. The first may begin inside a page,
// wherever DPDK's heap had room.
uintptr_t Stride(const PacketPool& pool) {
  struct Seen {
    uintptr_t last = 0;
    uintptr_t stride = 0;
  } seen;
  rte_mempool_obj_iter(
      pool.get(),
      [](rte_mempool*, void* opaque, void* object, unsigned index) {
        auto* state = static_cast<Seen*>(opaque);
        const auto at = reinterpret_cast<uintptr_t>(object);
        if (index == 2) state->stride = at - state->last;
        state->last = at;
      },
      &seen);
  return seen.stride;
}

TEST(PacketPoolTest, WithoutHugepagesOnlyAPackedPoolIsDense) {
  static_cast<void>(SharedDevices());
  const auto packed = CreatePacketPool(
      {.name = "packed", .packets = 1023, .data_bytes = 2048, .numa_node = 0, .packed = true});
  ASSERT_TRUE(packed) << packed.error().message;
  EXPECT_LT(Stride(*packed), 2600U);
  const auto ordinary = CreatePacketPool(
      {.name = "ordinary", .packets = 1023, .data_bytes = 2048, .numa_node = 0, .packed = false});
  ASSERT_TRUE(ordinary) << ordinary.error().message;
  EXPECT_EQ(Stride(*ordinary), 4096U);
}

TEST(PacketPoolTest, PacketsHaveRoomForTheirDataAndHeadroom) {
  static_cast<void>(SharedDevices());
  const auto pool = CreatePacketPool(
      {.name = "room", .packets = 1023, .data_bytes = 3000, .numa_node = 0, .packed = true});
  ASSERT_TRUE(pool) << pool.error().message;
  rte_mbuf* packet = rte_pktmbuf_alloc(pool->get());
  ASSERT_NE(packet, nullptr);
  EXPECT_GE(rte_pktmbuf_tailroom(packet), 3000);
  EXPECT_EQ(rte_pktmbuf_headroom(packet), RTE_PKTMBUF_HEADROOM);
  rte_pktmbuf_free(packet);
}

TEST(PacketPoolTest, PacketsBeginInTheMiddleOfACacheLine) {
  static_cast<void>(SharedDevices());
  rte_mbuf* packet = rte_pktmbuf_alloc(SharedDevices().PoolOf(0));
  ASSERT_NE(packet, nullptr);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(rte_pktmbuf_mtod(packet, void*)) % 64, 32U);
  rte_pktmbuf_free(packet);
}

TEST(PacketPoolTest, SaysWhenTheMemoryDoesNotSuffice) {
  static_cast<void>(SharedDevices());
  const auto pool = CreatePacketPool(
      {.name = "large", .packets = 1'000'000, .data_bytes = 2048, .numa_node = 0, .packed = false});
  ASSERT_FALSE(pool);
  EXPECT_EQ(pool.error().message,
            "no memory for 1000000 packets of 2048 bytes (mempool large): Cannot allocate memory");
}

}  // namespace
}  // namespace joinery::dpdk
