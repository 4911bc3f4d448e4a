// The pointer that forwarding cores read and a control thread swaps: quiescent-state reclamation
// (DPDK's rte_rcu QSBR). Reading costs one load a burst; no core ever waits for a swap; the old
// object is freed after every core has said that it holds nothing.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <thread>
#include <utility>

#include <rte_rcu_qsbr.h>

namespace joinery::dpdk {

// Readers are numbered 0..readers-1; each number belongs to one thread. One writer at a time.
// Needs no EAL, so that ThreadSanitizer can watch it.
template <typename T>
class SnapshotHolder {
 public:
  // How often a swap looks whether the readers are done.
  static constexpr std::chrono::microseconds kSwapPoll{50};

  SnapshotHolder(uint32_t readers, std::unique_ptr<const T> first)
      : readers_(readers), current_(first.release()) {
    const size_t size = rte_rcu_qsbr_get_memsize(readers);
    rcu_.reset(static_cast<rte_rcu_qsbr*>(std::aligned_alloc(RTE_CACHE_LINE_SIZE, size)));
    rte_rcu_qsbr_init(rcu_.get(), readers);
  }
  // No reader is online any more.
  ~SnapshotHolder() { delete current_.load(std::memory_order_relaxed); }
  SnapshotHolder(const SnapshotHolder&) = delete;
  SnapshotHolder& operator=(const SnapshotHolder&) = delete;

  // The reader's thread: before its first Read, and after its last.
  void Online(uint32_t reader) noexcept {
    rte_rcu_qsbr_thread_register(rcu_.get(), reader);
    rte_rcu_qsbr_thread_online(rcu_.get(), reader);
  }
  void Offline(uint32_t reader) noexcept {
    rte_rcu_qsbr_thread_offline(rcu_.get(), reader);
    rte_rcu_qsbr_thread_unregister(rcu_.get(), reader);
  }

  // Valid until this reader's next Quiescent or Offline.
  [[nodiscard]] const T& Read() const noexcept { return *current_.load(std::memory_order_acquire); }
  // The reader holds nothing that it has read before.
  void Quiescent(uint32_t reader) noexcept { rte_rcu_qsbr_quiescent(rcu_.get(), reader); }

  // The writer: readers see `next` from their next Read on. Returns the old object when nobody
  // holds it any more, so it waits as long as the slowest reader's burst.
  [[nodiscard]] std::unique_ptr<const T> Swap(std::unique_ptr<const T> next) noexcept {
    const T* old = current_.exchange(next.release(), std::memory_order_acq_rel);
    // Not rte_rcu_qsbr_synchronize: it spins, perhaps on the very CPU whose reader it waits for.
    // And these two are inline, so ThreadSanitizer sees their fences.
    const uint64_t token = rte_rcu_qsbr_start(rcu_.get());
    while (rte_rcu_qsbr_check(rcu_.get(), token, /*wait=*/false) == 0) {
      std::this_thread::sleep_for(kSwapPoll);
    }
    return std::unique_ptr<const T>(old);
  }
  // The writer's own look: nobody else frees what it returns.
  [[nodiscard]] const T& Current() const noexcept { return Read(); }

  [[nodiscard]] uint32_t readers() const noexcept { return readers_; }

 private:
  struct Free {
    void operator()(rte_rcu_qsbr* rcu) const noexcept { std::free(rcu); }
  };

  uint32_t readers_;
  std::atomic<const T*> current_;
  std::unique_ptr<rte_rcu_qsbr, Free> rcu_;
};

}  // namespace joinery::dpdk
