// What is asked of a device, out of what it offers: nothing that it does not, so that any driver
// will do. Pure.
#pragma once

#include <cstdint>

#include <rte_ethdev.h>

namespace joinery::dpdk {

struct Wishes {
  uint16_t queues = 1;    // one for each lcore
  uint16_t vlan = 0;      // settings::PortConfig::vlan
  bool one_pool = false;  // every packet that it will send is of one pool, and nobody else holds it
};

// More than one queue: flows spread over them by addresses and ports (RSS), so that a flow stays on
// one lcore. A VLAN: its tag taken off and put on. One pool: packets given back without a look at
// each (fast free).
[[nodiscard]] rte_eth_conf ConfigurationFor(const rte_eth_dev_info& offers,
                                            const Wishes& wishes) noexcept;

}  // namespace joinery::dpdk
