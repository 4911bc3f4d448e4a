#include "tools/bench/workload.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace joinery::bench {
namespace {

// A window of 8,192 packets lasts 0.1 to 0.3 ms: long beside the clock's resolution, short beside
// the time between two disturbances. Cold packets take longer, so their window may be longer.
constexpr size_t kWindowPackets = 8192;
// How often a packet with a TTL of 255 can be forwarded.
constexpr size_t kMaxPasses = 250;

void Put(const Frame& frame, Buffer& buffer) noexcept {
  std::memcpy(buffer.buf_addr + kHeadroom, frame.bytes.data(), frame.length);
  buffer.data_off = kHeadroom;
  buffer.data_len = frame.length;
  buffer.pkt_len = frame.length;
}

}  // namespace

Workload::Workload(BufferPool pool, std::vector<Frame> frames)
    : pool_(std::move(pool)),
      frames_(std::move(frames)),
      slice_(std::min(frames_.size(), kWindowPackets)),
      passes_(std::min(kWindowPackets / slice_, kMaxPasses)) {}

Expected<Workload> Workload::Create(Traffic& traffic, size_t packets, uint64_t seed) {
  if (packets == 0 || packets % kBurst != 0) {
    return Fail(fmt::format("{} packets are no whole number of bursts of {}", packets, kBurst));
  }
  if (packets > kWindowPackets) packets -= packets % kWindowPackets;
  auto pool = BufferPool::Create(packets, packets > kBurst, seed);
  if (!pool) return unexpected(pool.error());
  std::vector<Frame> frames;
  frames.reserve(packets);
  for (Buffer* buffer : pool->buffers()) {
    frames.push_back(traffic.Next());
    Put(frames.back(), *buffer);
  }
  return Workload(std::move(*pool), std::move(frames));
}

std::span<Buffer* const> Workload::NextSlice() noexcept {
  at_ = (at_ + slice_) % frames_.size();
  return pool_.buffers().subspan(at_, slice_);
}

void Workload::RestoreSlice() noexcept {
  for (size_t i = at_; i < at_ + slice_; ++i) Put(frames_[i], *pool_.buffers()[i]);
}

}  // namespace joinery::bench
