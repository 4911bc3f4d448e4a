#include "control/model/confirmation.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <vector>

#include "control/model/rules.h"

namespace joinery::control {
namespace {

constexpr api::Position kNewest = {std::numeric_limits<uint64_t>::max(),
                                   std::numeric_limits<uint64_t>::max()};

// A balancer that was taken from the inventory counts until its lease has ended.
bool Counts(const Model& model, const std::string& name) {
  return Obeys(Rule::kRemovedBalancerKeepsLease) || model.durable.balancers.contains(name);
}

// The lowest of what all leases were given for.
api::Position LowestLeased(const Model& model, Instant now, api::Position Lease::*part) {
  api::Position lowest = kNewest;
  for (const auto& [name, status] : model.now.balancers) {
    if (!Counts(model, name)) continue;
    for (const Lease& lease : status.leases) {
      if (now < lease.until) lowest = std::min(lowest, lease.*part);
    }
  }
  return lowest;
}

bool EarlierLeasesEnded(const Model& model, Instant now) {
  return Holds(Rule::kEarlierLeasesCount, now >= model.now.leases_known);
}

}  // namespace

bool HasLease(const BalancerStatus& status, Instant now) noexcept {
  return std::ranges::any_of(status.leases, [&](const Lease& lease) { return now < lease.until; });
}

api::Position ConfirmedScheme(const Model& model, Instant now) {
  if (!EarlierLeasesEnded(model, now)) return {};
  const api::Position leased =
      Obeys(Rule::kLeasedMustConfirm) ? LowestLeased(model, now, &Lease::scheme) : kNewest;
  std::vector<api::Position> all;
  for (const auto& [name, balancer] : model.durable.balancers) {
    const auto status = model.now.balancers.find(name);
    all.push_back(status == model.now.balancers.end() ? api::Position{} : status->second.scheme);
  }
  std::ranges::sort(all, std::greater{});
  const size_t quorum = Quorum(model.durable.policy, all.size());
  if (!Obeys(Rule::kQuorumMustConfirm)) return leased;
  if (quorum > all.size()) return {};
  return std::min(leased, all[quorum - 1]);
}

api::Position ConfirmedLoad(const Model& model, Instant now) {
  if (!EarlierLeasesEnded(model, now)) return {};
  return LowestLeased(model, now, &Lease::load);
}

api::Position Barrier(const Durable& durable) {
  api::Position barrier{};
  for (const auto& [name, pool] : durable.pools) {
    for (const Generation& generation : pool.generations) {
      if (generation.state == GenerationState::kPending) continue;
      barrier = std::max(barrier, generation.published);
    }
    for (const auto& [backend_name, backend] : pool.backends) {
      const bool in_use =
          backend.state != BackendState::kAdded && backend.state != BackendState::kFailed;
      if (in_use) barrier = std::max(barrier, backend.published);
    }
  }
  return barrier;
}

size_t CountConfirmed(const Model& model, const api::Position& at) {
  return static_cast<size_t>(std::ranges::count_if(model.durable.balancers, [&](const auto& entry) {
    const auto status = model.now.balancers.find(entry.first);
    return status != model.now.balancers.end() && status->second.scheme >= at;
  }));
}

}  // namespace joinery::control
