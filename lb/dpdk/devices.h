// DPDK, the packet pools and the ports of one configuration: started in order, stopped in reverse.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <vector>

#include "base/expected.h"
#include "lb/dpdk/eal.h"
#include "lb/dpdk/packet_pool.h"
#include "lb/dpdk/port.h"
#include "settings/config.h"

namespace joinery::dpdk {

class Devices {
 public:
  // The calling thread becomes the main lcore. The error says what is missing and how to mend it.
  [[nodiscard]] static Expected<std::unique_ptr<Devices>> Start(const settings::Balancer& balancer);

  [[nodiscard]] std::span<const Port> ports() const noexcept { return ports_; }
  // The pool of the NUMA node that this CPU is on.
  [[nodiscard]] rte_mempool* PoolOf(uint16_t cpu) const;
  // From now on DPDK's log lines are printed.
  void Ready() { eal_->Ready(); }

 private:
  explicit Devices(std::unique_ptr<Eal> eal) : eal_(std::move(eal)) {}

  Expected<rte_mempool*> PoolOn(int numa_node, const settings::Balancer& balancer);
  Expected<void> StartPorts(const settings::Balancer& balancer);

  std::unique_ptr<Eal> eal_;
  std::map<int, PacketPool> pools_;  // by NUMA node
  std::vector<Port> ports_;
};

}  // namespace joinery::dpdk
