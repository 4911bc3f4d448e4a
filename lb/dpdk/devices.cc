#include "lb/dpdk/devices.h"

#include <algorithm>

#include <fmt/format.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>

#include "lb/dpdk/eal_arguments.h"

namespace joinery::dpdk {
namespace {

// Beside the descriptors: packets in lcores' hands, in their caches, and in a driver's preloaded
// captures.
constexpr uint32_t kSparePackets = 8192;
constexpr uint16_t kMinDataBytes = 2048;
constexpr uint16_t kLinkBytes = 14 + 2 * 4 + 4;  // Ethernet, two VLAN tags, frame check sequence

uint32_t PacketsFor(const settings::Balancer& balancer) {
  const size_t queues = balancer.ports.size() * balancer.lcores.size();
  return static_cast<uint32_t>(queues * (kRxDescriptors + kTxDescriptors)) + kSparePackets;
}

uint16_t DataBytesFor(const settings::Balancer& balancer) {
  uint16_t bytes = kMinDataBytes;
  for (const settings::PortConfig& port : balancer.ports) {
    bytes = std::max(bytes, static_cast<uint16_t>(port.mtu + kLinkBytes));
  }
  return bytes;
}

// Packed pools are for drivers that copy; DMA wants whole pages, AF_XDP and virtio-user want memory
// of DPDK's own. A bond's members are named in the options.
bool MayPack(const settings::Balancer& balancer) {
  const auto shares = [](std::string_view device) {
    return device.find("net_af_xdp") != std::string_view::npos ||
           device.find("virtio_user") != std::string_view::npos;
  };
  const auto port_shares = [&](const settings::PortConfig& port) { return shares(port.device); };
  return rte_eal_has_hugepages() == 0 && !NeedsPci(balancer) &&
         std::ranges::none_of(balancer.ports, port_shares) &&
         std::ranges::none_of(balancer.eal_options, shares);
}

int NodeOfDevice(uint16_t port_id) {
  const int node = rte_eth_dev_socket_id(port_id);
  return node < 0 ? static_cast<int>(rte_socket_id()) : node;
}

}  // namespace

Expected<std::unique_ptr<Devices>> Devices::Start(const settings::Balancer& balancer) {
  auto eal = Eal::Start(balancer);
  if (!eal) return tl::unexpected(eal.error());
  std::unique_ptr<Devices> devices(new Devices(*std::move(eal)));
  if (auto started = devices->StartPorts(balancer); !started) {
    return tl::unexpected(devices->eal_->Explain(started.error().message));
  }
  return devices;
}

Expected<void> Devices::StartPorts(const settings::Balancer& balancer) {
  for (const uint16_t cpu : balancer.lcores) {
    const auto node = static_cast<int>(rte_lcore_to_socket_id(cpu));
    if (auto pool = PoolOn(node, balancer); !pool) return tl::unexpected(pool.error());
  }
  std::vector<rte_mempool*> pools;  // by port
  for (const settings::PortConfig& config : balancer.ports) {
    const auto id = FindPort(config);
    if (!id) return tl::unexpected(id.error());
    const auto pool = PoolOn(NodeOfDevice(*id), balancer);
    if (!pool) return tl::unexpected(pool.error());
    pools.push_back(*pool);
  }
  for (size_t i = 0; i < pools.size(); ++i) {
    const Wishes wishes{.queues = static_cast<uint16_t>(balancer.lcores.size()),
                        .vlan = balancer.ports[i].vlan,
                        .one_pool = pools_.size() == 1};
    auto port = Port::Start(balancer.ports[i], wishes, pools[i]);
    if (!port) return tl::unexpected(port.error());
    ports_.push_back(*std::move(port));
  }
  return {};
}

Expected<rte_mempool*> Devices::PoolOn(int numa_node, const settings::Balancer& balancer) {
  if (const auto found = pools_.find(numa_node); found != pools_.end()) return found->second.get();
  auto pool = CreatePacketPool({.name = fmt::format("packets{}", numa_node),
                                .packets = PacketsFor(balancer),
                                .data_bytes = DataBytesFor(balancer),
                                .numa_node = numa_node,
                                .packed = MayPack(balancer)});
  if (!pool) return tl::unexpected(pool.error());
  return pools_.emplace(numa_node, *std::move(pool)).first->second.get();
}

rte_mempool* Devices::PoolOf(uint16_t cpu) const {
  return pools_.at(static_cast<int>(rte_lcore_to_socket_id(cpu))).get();
}

}  // namespace joinery::dpdk
