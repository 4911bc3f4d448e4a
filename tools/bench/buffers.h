// Packets in memory as DPDK keeps them: objects of a mempool, each an mbuf of two cache lines,
// headroom and room for a frame. The fields that a forwarding loop reads are where rte_mbuf has
// them, so the lines touched are the same; DPDK itself is not needed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/expected.h"

namespace joinery::bench {

// The front of DPDK's rte_mbuf (22.11, rte_mbuf_core.h), unused fields left blank.
struct alignas(64) Buffer {
  uint8_t* buf_addr;
  uint64_t buf_iova;
  uint16_t data_off;
  uint16_t refcnt;
  uint16_t nb_segs;
  uint16_t port;
  uint64_t ol_flags;
  uint32_t packet_type;
  uint32_t pkt_len;
  uint16_t data_len;
  uint8_t rest[86];

  [[nodiscard]] std::span<uint8_t> frame() noexcept { return {buf_addr + data_off, data_len}; }
};
static_assert(sizeof(Buffer) == 128 && offsetof(Buffer, data_off) == 16 &&
                  offsetof(Buffer, pkt_len) == 36 && offsetof(Buffer, data_len) == 40,
              "a Buffer's fields lie where an rte_mbuf's do");

inline constexpr size_t kHeadroom = 128;
inline constexpr size_t kDataRoom = 2048;
// A mempool object: its own header, the mbuf, headroom and room. DPDK pads to an odd number of
// lines, so that the first lines of neighbours fall into different sets of the caches.
inline constexpr size_t kObjectStride = 37 * size_t{64};
static_assert(kObjectStride >= 64 + sizeof(Buffer) + kHeadroom + kDataRoom);

// `count` buffers in one region on transparent huge pages where the kernel gives them, handed out
// in a shuffled order when they are many, as a mempool in use hands them out.
class BufferPool {
 public:
  [[nodiscard]] static Expected<BufferPool> Create(size_t count, bool shuffled, uint64_t seed);
  BufferPool(BufferPool&& other) noexcept;
  BufferPool& operator=(BufferPool&&) = delete;
  ~BufferPool();

  [[nodiscard]] std::span<Buffer* const> buffers() const noexcept { return order_; }
  // Whether the region lies on huge pages (at least nine tenths of it).
  [[nodiscard]] bool huge() const;

 private:
  BufferPool(uint8_t* region, size_t bytes) noexcept : region_(region), bytes_(bytes) {}

  uint8_t* region_;
  size_t bytes_;
  std::vector<Buffer*> order_;
};

}  // namespace joinery::bench
