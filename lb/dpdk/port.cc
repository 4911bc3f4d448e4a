#include "lb/dpdk/port.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include "lb/dpdk/eal_arguments.h"

namespace joinery::dpdk {
namespace {

tl::unexpected<Error> StepFailed(const settings::PortConfig& config, std::string_view step,
                                 int result) {
  return Fail(fmt::format("port {} ({}): cannot {}: {}", config.name, config.device, step,
                          rte_strerror(-result)));
}

Expected<void> CheckQueues(const settings::PortConfig& config, const rte_eth_dev_info& info,
                           uint16_t queues) {
  const uint16_t most = std::min(info.max_rx_queues, info.max_tx_queues);
  if (queues <= most) return {};
  return Fail(fmt::format("port {} ({}): {} lcores need {} queues, the device has {}", config.name,
                          config.device, queues, queues, most));
}

Expected<void> SetMtu(const settings::PortConfig& config, uint16_t id) {
  uint16_t current = 0;
  if (rte_eth_dev_get_mtu(id, &current) == 0 && current == config.mtu) return {};
  const int result = rte_eth_dev_set_mtu(id, config.mtu);
  // Devices without a link behind them (net_null, net_ring, net_pcap) take any length.
  if (result == 0 || result == -ENOTSUP) return {};
  return StepFailed(config, fmt::format("set the MTU to {}", config.mtu), result);
}

Expected<void> SetUpQueues(const settings::PortConfig& config, uint16_t id, uint16_t queues,
                           rte_mempool* pool) {
  uint16_t rx_descriptors = kRxDescriptors;
  uint16_t tx_descriptors = kTxDescriptors;
  int result = rte_eth_dev_adjust_nb_rx_tx_desc(id, &rx_descriptors, &tx_descriptors);
  if (result != 0) return StepFailed(config, "size the queues", result);
  const auto node = static_cast<unsigned>(std::max(rte_eth_dev_socket_id(id), 0));
  for (uint16_t queue = 0; queue < queues; ++queue) {
    result = rte_eth_rx_queue_setup(id, queue, rx_descriptors, node, nullptr, pool);
    if (result != 0) return StepFailed(config, "set up a receive queue", result);
    result = rte_eth_tx_queue_setup(id, queue, tx_descriptors, node, nullptr);
    if (result != 0) return StepFailed(config, "set up a transmit queue", result);
  }
  return {};
}

}  // namespace

Expected<uint16_t> FindPort(const settings::PortConfig& config) {
  uint16_t id = 0;
  const std::string name(DeviceName(config.device));
  if (rte_eth_dev_get_port_by_name(name.c_str(), &id) == 0) return id;
  return Fail(fmt::format("port {}: DPDK has no device {}", config.name, config.device));
}

Expected<Port> Port::Start(const settings::PortConfig& config, const Wishes& wishes,
                           rte_mempool* pool) {
  const auto id = FindPort(config);
  if (!id) return tl::unexpected(id.error());
  rte_eth_dev_info info{};
  int result = rte_eth_dev_info_get(*id, &info);
  if (result != 0) return StepFailed(config, "ask the device what it can do", result);
  if (auto checked = CheckQueues(config, info, wishes.queues); !checked) {
    return tl::unexpected(checked.error());
  }
  const rte_eth_conf conf = ConfigurationFor(info, wishes);
  result = rte_eth_dev_configure(*id, wishes.queues, wishes.queues, &conf);
  if (result != 0) return StepFailed(config, "configure the device", result);
  Port port(config.name, *id);
  port.driver_ = info.driver_name;
  port.vlan_ = wishes.vlan;
  port.inserts_tags_ = (conf.txmode.offloads & RTE_ETH_TX_OFFLOAD_VLAN_INSERT) != 0;
  if (auto done = SetMtu(config, *id); !done) return tl::unexpected(done.error());
  if (auto done = SetUpQueues(config, *id, wishes.queues, pool); !done) {
    return tl::unexpected(done.error());
  }
  result = rte_eth_dev_start(*id);
  if (result != 0) return StepFailed(config, "start the device", result);
  // Neighbour solicitations are multicast (RFC 4861 section 7.2.2). What cannot filter need not.
  result = rte_eth_allmulticast_enable(*id);
  if (result != 0 && result != -ENOTSUP) return StepFailed(config, "receive multicast", result);
  rte_ether_addr mac{};
  result = rte_eth_macaddr_get(*id, &mac);
  if (result != 0) return StepFailed(config, "read the MAC address", result);
  std::memcpy(port.mac_.bytes.data(), mac.addr_bytes, port.mac_.bytes.size());
  return port;
}

Port::Port(Port&& other) noexcept
    : name_(std::move(other.name_)),
      driver_(std::move(other.driver_)),
      id_(other.id_),
      mac_(other.mac_),
      vlan_(other.vlan_),
      inserts_tags_(other.inserts_tags_),
      open_(std::exchange(other.open_, false)) {}

Port::~Port() {
  if (!open_) return;
  rte_eth_dev_stop(id_);
  rte_eth_dev_close(id_);
}

PortCounters Port::counters() const noexcept {
  rte_eth_stats stats{};
  if (rte_eth_stats_get(id_, &stats) != 0) return {};
  return {.rx_packets = stats.ipackets,
          .rx_bytes = stats.ibytes,
          .rx_missed = stats.imissed,
          .rx_errors = stats.ierrors,
          .rx_no_mbuf = stats.rx_nombuf,
          .tx_packets = stats.opackets,
          .tx_bytes = stats.obytes,
          .tx_errors = stats.oerrors};
}

}  // namespace joinery::dpdk
