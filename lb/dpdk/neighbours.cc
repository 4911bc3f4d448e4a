#include "lb/dpdk/neighbours.h"

#include <algorithm>
#include <thread>

namespace joinery::dpdk {

Expected<std::vector<neighbour::Slot>> Neighbours::Acquire(
    std::span<const steer::NextHop> next_hops, Instant now) {
  std::vector<neighbour::Slot> slots;
  slots.reserve(next_hops.size());
  for (const steer::NextHop& next_hop : next_hops) {
    const auto slot = Lock().table.Acquire(next_hop.port, next_hop.address, now);
    if (!slot) {
      Release(slots);
      return tl::unexpected(slot.error());
    }
    slots.push_back(*slot);
  }
  return slots;
}

void Neighbours::Release(std::span<const neighbour::Slot> slots) {
  for (const neighbour::Slot slot : slots) Lock().table.Release(slot);
}

void Neighbours::WaitForAnswers(std::span<const neighbour::Slot> slots,
                                std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds kLook{2};
  const auto deadline = std::chrono::steady_clock::now() + patience;
  const auto waiting = [&](neighbour::Slot slot) {
    return Load(slot).state() == neighbour::State::kIncomplete;
  };
  while (std::ranges::any_of(slots, waiting) && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(kLook);
  }
}

}  // namespace joinery::dpdk
