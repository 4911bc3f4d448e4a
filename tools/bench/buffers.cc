#include "tools/bench/buffers.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <new>
#include <sstream>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <sys/mman.h>

#include "base/random.h"

namespace joinery::bench {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;

void Shuffle(std::vector<Buffer*>& order, uint64_t seed) {
  SeededRandom random(seed);
  for (size_t i = order.size(); i > 1; --i) {
    std::swap(order[i - 1], order[random.Below(static_cast<uint32_t>(i))]);
  }
}

}  // namespace

Expected<BufferPool> BufferPool::Create(size_t count, bool shuffled, uint64_t seed) {
  const size_t bytes = (count * kObjectStride + kHugePage - 1) / kHugePage * kHugePage;
  // One page more than needed, so that the region can start on a huge page's boundary.
  void* mapped = mmap(nullptr, bytes + kHugePage, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) {
    return Fail(fmt::format("{} MiB for {} buffers: {}", bytes >> 20, count, strerror(errno)));
  }
  const auto address = reinterpret_cast<uintptr_t>(mapped);
  const size_t before = (kHugePage - address % kHugePage) % kHugePage;
  auto* region = static_cast<uint8_t*>(mapped) + before;
  if (before > 0) munmap(mapped, before);
  if (before < kHugePage) munmap(region + bytes, kHugePage - before);
  madvise(region, bytes, MADV_HUGEPAGE);  // huge() tells what came of it

  BufferPool pool(region, bytes);
  pool.order_.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    auto* buffer = new (region + i * kObjectStride + 64) Buffer{};
    buffer->buf_addr = reinterpret_cast<uint8_t*>(buffer + 1);
    buffer->data_off = kHeadroom;
    buffer->refcnt = 1;
    buffer->nb_segs = 1;
    pool.order_.push_back(buffer);
  }
  if (shuffled) Shuffle(pool.order_, seed);
  return pool;
}

BufferPool::BufferPool(BufferPool&& other) noexcept
    : region_(std::exchange(other.region_, nullptr)),
      bytes_(other.bytes_),
      order_(std::move(other.order_)) {}

BufferPool::~BufferPool() {
  if (region_ != nullptr) munmap(region_, bytes_);
}

bool BufferPool::huge() const {
  std::ifstream maps("/proc/self/smaps");
  std::string line;
  bool inside = false;
  while (std::getline(maps, line)) {
    uintptr_t first = 0;
    uintptr_t last = 0;
    char dash = 0;
    std::istringstream words(line);
    if (words >> std::hex >> first >> dash >> last && dash == '-') {
      const auto mine = reinterpret_cast<uintptr_t>(region_);
      inside = first <= mine && mine < last;
    } else if (inside && line.starts_with("AnonHugePages:")) {
      return std::stoull(line.substr(sizeof "AnonHugePages:")) * 1024 >= bytes_ / 10 * 9;
    }
  }
  return false;
}

}  // namespace joinery::bench
