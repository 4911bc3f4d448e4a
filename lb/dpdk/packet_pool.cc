#include "lb/dpdk/packet_pool.h"

#include <memory>

#include <fmt/format.h>
#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_mbuf_pool_ops.h>

#include <sys/mman.h>

namespace joinery::dpdk {
namespace {

constexpr uint32_t kCachePerLcore = 256;
constexpr uint32_t kPageBytes = 4096;

// In front of a packet's headroom, unused: it moves the packet's first byte half a cache line, so
// that a tunnel's outer headers and the inner ones lie in two lines instead of three.
constexpr uint16_t kPrivateBytes = 32;
static_assert((sizeof(rte_mbuf) + kPrivateBytes + RTE_PKTMBUF_HEADROOM) % 64 == 32,
              "a packet begins in the middle of a cache line");

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

// Ordinary memory that the kernel may back with large pages (transparent huge pages), as DPDK's own
// without hugetlbfs never is: 8,192 packets are 5,000 small pages, more than a CPU remembers.
class LargePages {
 public:
  static constexpr size_t kPage = size_t{2} << 20;

  explicit LargePages(size_t bytes) noexcept
      : bytes_((bytes + kPage - 1) / kPage * kPage),
        mapped_(mmap(nullptr, bytes_ + kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                     -1, 0)) {
    // The kernel may refuse; then they are small pages, and all still works.
    if (mapped_ != MAP_FAILED) static_cast<void>(madvise(begin(), bytes_, MADV_HUGEPAGE));
  }
  ~LargePages() {
    if (mapped_ != MAP_FAILED) munmap(mapped_, bytes_ + kPage);
  }
  LargePages(const LargePages&) = delete;
  LargePages& operator=(const LargePages&) = delete;

  [[nodiscard]] bool ok() const noexcept { return mapped_ != MAP_FAILED; }
  [[nodiscard]] char* begin() const noexcept {
    const auto at = reinterpret_cast<uintptr_t>(mapped_);
    return static_cast<char*>(mapped_) + ((at + kPage - 1) / kPage * kPage - at);
  }
  [[nodiscard]] size_t size() const noexcept { return bytes_; }

 private:
  size_t bytes_;
  void* mapped_;
};

// One object behind the other, across pages too. False: no memory.
bool PopulatePacked(rte_mempool& pool) {
  const size_t object = pool.header_size + pool.elt_size + pool.trailer_size;
  auto memory = std::make_unique<LargePages>(object * pool.size + RTE_MEMPOOL_ALIGN);
  if (!memory->ok()) return false;
  const int populated = rte_mempool_populate_iova(
      &pool, memory->begin(), RTE_BAD_IOVA, memory->size(),
      [](rte_mempool_memhdr*, void* opaque) { delete static_cast<LargePages*>(opaque); },
      memory.get());
  if (populated < 0 || static_cast<uint32_t>(populated) < pool.size) return false;
  static_cast<void>(memory.release());  // the pool's now
  return true;
}

Error TooLittle(const PacketPoolOptions& options) {
  return Error{fmt::format("no memory for {} packets of {} bytes (mempool {}): {}", options.packets,
                           options.data_bytes, options.name, rte_strerror(rte_errno))};
}

}  // namespace

Expected<PacketPool> CreatePacketPool(const PacketPoolOptions& options) {
  const auto room = static_cast<uint16_t>(options.data_bytes + RTE_PKTMBUF_HEADROOM);
  const uint32_t object = static_cast<uint32_t>(sizeof(rte_mbuf)) + kPrivateBytes + room;
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
  layout.mbuf_priv_size = kPrivateBytes;
  rte_pktmbuf_pool_init(pool.get(), &layout);
  const bool populated =
      options.packed ? PopulatePacked(*pool) : rte_mempool_populate_default(pool.get()) >= 0;
  if (!populated) return tl::unexpected(TooLittle(options));
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
