// The neighbour table and the responder, shared by the lcores and the control thread. Everything
// but Load and Demand is behind a lock that an lcore only ever tries: if the control thread holds
// it, the frames wait a round, and forwarding goes on.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/expected.h"
#include "lb/neighbour/responder.h"
#include "lb/neighbour/table.h"
#include "lb/steer/snapshot.h"

namespace joinery::dpdk {

class Neighbours {
 public:
  explicit Neighbours(std::vector<neighbour::Identity> identities)
      : responder_(table_, std::move(identities)) {}

  // The parts, while the lock is held.
  struct Locked {
    std::unique_lock<std::mutex> lock;
    neighbour::Table& table;
    neighbour::Responder& responder;
  };
  // An lcore's way in: never waits.
  [[nodiscard]] std::optional<Locked> TryLock() {
    std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock) return std::nullopt;
    return Locked{std::move(lock), table_, responder_};
  }
  // The control thread's.
  [[nodiscard]] Locked Lock() { return {std::unique_lock(mutex_), table_, responder_}; }

  // One reference to each next hop, in their order. All or none.
  [[nodiscard]] Expected<std::vector<neighbour::Slot>> Acquire(
      std::span<const steer::NextHop> next_hops, Instant now);
  void Release(std::span<const neighbour::Slot> slots);
  // Waits until none of them is incomplete, but not longer than `patience`. The lcores do the
  // asking meanwhile.
  void WaitForAnswers(std::span<const neighbour::Slot> slots, std::chrono::milliseconds patience);

  // Without a lock, from any thread.
  [[nodiscard]] neighbour::Links links() const noexcept { return table_.links(); }
  [[nodiscard]] neighbour::Link Load(neighbour::Slot slot) const noexcept {
    return table_.Load(slot);
  }
  void Demand(neighbour::Slot slot) noexcept { table_.Demand(slot); }

 private:
  std::mutex mutex_;
  neighbour::Table table_;
  neighbour::Responder responder_;
};

}  // namespace joinery::dpdk
