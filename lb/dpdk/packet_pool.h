// The mbufs of one NUMA node. Without hugepages an ordinary pool puts one mbuf into each 4 KiB
// page, since an object may not cross one: all first lines then fall into one set of the L1 cache
// and everything takes two to three times as long. Drivers that only copy do not need the pages, so
// their pool is packed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <rte_mempool.h>

#include "base/expected.h"

namespace joinery::dpdk {

struct PacketPoolOptions {
  std::string name;
  uint32_t packets = 0;
  uint16_t data_bytes = 0;  // of one packet, without headroom
  int numa_node = 0;
  bool packed = false;  // no port uses DMA, and there are no hugepages
};

struct PacketPoolDeleter {
  void operator()(rte_mempool* pool) const noexcept { rte_mempool_free(pool); }
};
using PacketPool = std::unique_ptr<rte_mempool, PacketPoolDeleter>;

// Fails when the memory does not suffice, and when a packed pool turns out not to be.
[[nodiscard]] Expected<PacketPool> CreatePacketPool(const PacketPoolOptions& options);

}  // namespace joinery::dpdk
