#include "lb/dpdk/packet_pool.h"

#include <fmt/format.h>
#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_mbuf_pool_ops.h>

namespace joinery::dpdk {
namespace {

constexpr uint32_t kCachePerLcore = 256;
constexpr uint32_t kPageBytes = 4096;

// How many pairs of neighbouring objects lie in pages of their own.
struct Strides {
  const rte_mempool* pool = nullptr;
  uintptr_t previous = 0;
  uint32_t page_apart = 0;
};

void CountStride(rte_mempool*, void* opaque, void* object, unsigned) {
  auto* strides = static_cast<Strides*>(opaque);
  const auto at = reinterpret_cast<uintptr_t>(object);
  if (strides->previous != 0 && at - strides->previous == kPageBytes) ++strides->page_apart;
  strides->previous = at;
}

Error TooLittle(const PacketPoolOptions& options) {
  return Error{fmt::format("no memory for {} packets of {} bytes (mempool {}): {}", options.packets,
                           options.data_bytes, options.name, rte_strerror(rte_errno))};
}

}  // namespace

Expected<PacketPool> CreatePacketPool(const PacketPoolOptions& options) {
  const auto room = static_cast<uint16_t>(options.data_bytes + RTE_PKTMBUF_HEADROOM);
  const uint32_t object = static_cast<uint32_t>(sizeof(rte_mbuf)) + room;
  PacketPool pool(rte_mempool_create_empty(
      options.name.c_str(), options.packets, object, kCachePerLcore,
      sizeof(rte_pktmbuf_pool_private), options.numa_node,
      options.packed ? static_cast<unsigned>(RTE_MEMPOOL_F_NO_IOVA_CONTIG) : 0U));
  if (!pool) return tl::unexpected(TooLittle(options));
  if (rte_mempool_set_ops_byname(pool.get(), rte_mbuf_best_mempool_ops(), nullptr) != 0) {
    return Fail(fmt::format("mempool {}: DPDK has no handler {}", options.name,
                            rte_mbuf_best_mempool_ops()));
  }
  rte_pktmbuf_pool_private layout{};
  layout.mbuf_data_room_size = room;
  rte_pktmbuf_pool_init(pool.get(), &layout);
  if (rte_mempool_populate_default(pool.get()) < 0) return tl::unexpected(TooLittle(options));
  rte_mempool_obj_iter(pool.get(), rte_pktmbuf_init, nullptr);

  if (options.packed) {
    Strides strides{.pool = pool.get()};
    rte_mempool_obj_iter(pool.get(), CountStride, &strides);
    if (strides.page_apart > options.packets / 2) {
      return Fail(
          fmt::format("mempool {}: {} of {} packets begin a page apart, although the pool "
                      "is packed: forwarding would take twice as long",
                      options.name, strides.page_apart, options.packets));
    }
  }
  return pool;
}

}  // namespace joinery::dpdk
