#include "lb/dpdk/device_configuration.h"

namespace joinery::dpdk {

rte_eth_conf ConfigurationFor(const rte_eth_dev_info& offers, const Wishes& wishes) noexcept {
  rte_eth_conf conf{};
  constexpr uint64_t kFlow = RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP;
  const uint64_t hash = kFlow & offers.flow_type_rss_offloads;
  if (wishes.queues > 1 && hash != 0) {
    conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
    conf.rx_adv_conf.rss_conf.rss_hf = hash;
  }
  if (wishes.vlan != 0) {
    conf.rxmode.offloads |= offers.rx_offload_capa & RTE_ETH_RX_OFFLOAD_VLAN_STRIP;
    conf.txmode.offloads |= offers.tx_offload_capa & RTE_ETH_TX_OFFLOAD_VLAN_INSERT;
  }
  if (wishes.one_pool) {
    conf.txmode.offloads |= offers.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
  }
  return conf;
}

}  // namespace joinery::dpdk
