// A set of packets in buffers, handed out in windows, and put back as it was after each: a
// balancer lowers the TTL of what it forwards, and a swap turns it round.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/expected.h"
#include "tools/bench/buffers.h"
#include "tools/bench/measure.h"
#include "tools/bench/traffic.h"

namespace joinery::bench {

inline constexpr size_t kBurst = 32;

// What a receive loop does with a burst first: asks for all its lines at once.
inline void Prefetch(std::span<Buffer* const, kBurst> burst) noexcept {
  for (const Buffer* buffer : burst) __builtin_prefetch(buffer);
  for (const Buffer* buffer : burst) {
    const uint8_t* frame = buffer->buf_addr + buffer->data_off;
    __builtin_prefetch(frame);
    __builtin_prefetch(frame + 64);
  }
}

class Workload {
 public:
  // `packets`: a multiple of kBurst. Sets that fit into one window are gone over several times in
  // it; of larger ones a window is the next slice, so that a set larger than the caches is always
  // met cold: a slice is restored right after its window and met again a whole tour later.
  [[nodiscard]] static Expected<Workload> Create(Traffic& traffic, size_t packets, uint64_t seed);

  // A task whose window applies `handle` to the window's packets, burst by burst. Two
  // tasks on one workload take turns with its slices. The workload outlives the task and stays put.
  template <typename Handle>
  [[nodiscard]] Task MakeTask(Handle handle) {
    return {.run =
                [this, handle]() mutable {
                  const auto slice = NextSlice();
                  for (size_t pass = 0; pass < passes_; ++pass) {
                    for (size_t i = 0; i < slice.size(); i += kBurst) {
                      handle(slice.subspan(i).first<kBurst>());
                    }
                  }
                  return slice.size() * passes_;
                },
            .clean_up = [this] { RestoreSlice(); }};
  }

  [[nodiscard]] bool huge_pages() const { return pool_.huge(); }
  [[nodiscard]] std::span<const Frame> frames() const noexcept { return frames_; }

 private:
  Workload(BufferPool pool, std::vector<Frame> frames);

  [[nodiscard]] std::span<Buffer* const> NextSlice() noexcept;
  void RestoreSlice() noexcept;

  BufferPool pool_;
  std::vector<Frame> frames_;  // what pool_.buffers() hold, in the same order
  size_t slice_;               // packets
  size_t passes_;              // over a slice in a window
  size_t at_ = 0;              // where the current slice begins
};

}  // namespace joinery::bench
