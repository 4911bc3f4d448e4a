#include "lb/dpdk/plan_switch.h"

#include <algorithm>
#include <utility>

#include "lb/steer/encap.h"
#include "lb/steer/table_digest.h"

namespace joinery::dpdk {

Expected<std::unique_ptr<Plan>> MakePlan(const settings::Config& config, uint64_t version,
                                         const steer::Snapshot* previous, Neighbours& neighbours,
                                         const Clock& clock) {
  auto snapshot = steer::Snapshot::Build(config, version, previous);
  if (!snapshot) return tl::unexpected(snapshot.error());
  auto slots = neighbours.Acquire((*snapshot)->next_hops(), clock.Now());
  if (!slots) return tl::unexpected(slots.error());
  std::vector<Hop> hops;
  for (const steer::BackendEntry& backend : (*snapshot)->backends()) {
    hops.push_back(backend.vacant() ? Hop{}
                                    : Hop{.slot = (*slots)[backend.next_hop],
                                          .port = (*snapshot)->next_hops()[backend.next_hop].port,
                                          .headroom = steer::EncapOverhead(
                                              backend.encap, backend.address.family())});
  }
  const auto tables = steer::TableDigest(config, **snapshot);
  return std::make_unique<Plan>(
      Plan{*std::move(snapshot), *std::move(slots), std::move(hops), tables});
}

Expected<void> PlanSwitch::Build(const settings::Config& config) {
  Drop();
  const steer::Snapshot& running = *plans_.Current().snapshot;
  auto plan = MakePlan(config, running.version() + 1, &running, neighbours_, clock_);
  if (!plan) return tl::unexpected(plan.error());
  next_ = *std::move(plan);
  return {};
}

void PlanSwitch::Swap() {
  // A packet to a backend that has not been asked for yet would be lost. Who is there already, and
  // does not answer, holds nobody up.
  neighbours_.WaitForAnswers(NewSlots(), kResolvePatience);
  const steer::Snapshot& next = *next_->snapshot;
  const std::unique_ptr<const Plan> old = plans_.Swap(std::move(next_));
  neighbours_.Lock().responder.SetVirtual(next.vip_addresses());
  neighbours_.Release(old->slots);
}

void PlanSwitch::Drop() {
  if (!next_) return;
  neighbours_.Release(next_->slots);
  next_.reset();
}

std::vector<neighbour::Slot> PlanSwitch::NewSlots() const {
  std::vector<neighbour::Slot> known = plans_.Current().slots;
  std::ranges::sort(known);
  std::vector<neighbour::Slot> fresh;
  std::ranges::copy_if(next_->slots, std::back_inserter(fresh), [&](neighbour::Slot slot) {
    return !std::ranges::binary_search(known, slot);
  });
  return fresh;
}

}  // namespace joinery::dpdk
