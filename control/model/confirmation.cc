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
bool Counts(const Model& model, const std::string& name, const BalancerStatus& status,
            Instant now) {
  if (!Obeys(Rule::kLeasedMustConfirm)) return false;
  if (!Obeys(Rule::kRemovedBalancerKeepsLease) && !model.durable.balancers.contains(name)) {
    return false;
  }
  return HasLease(status, now);
}

bool EarlierLeasesEnded(const Model& model, Instant now) {
  return Holds(Rule::kEarlierLeasesCount, now >= model.now.leases_known);
}

}  // namespace

bool HasLease(const BalancerStatus& status, Instant now) noexcept {
  return now < status.leased_until;
}

api::Position ConfirmedScheme(const Model& model, Instant now) {
  if (!EarlierLeasesEnded(model, now)) return {};
  api::Position lowest = kNewest;
  for (const auto& [name, status] : model.now.balancers) {
    if (Counts(model, name, status, now)) lowest = std::min(lowest, status.scheme);
  }
  std::vector<api::Position> all;
  for (const auto& [name, balancer] : model.durable.balancers) {
    const auto status = model.now.balancers.find(name);
    all.push_back(status == model.now.balancers.end() ? api::Position{} : status->second.scheme);
  }
  std::ranges::sort(all, std::greater{});
  const size_t quorum = Quorum(model.durable.policy, all.size());
  if (!Obeys(Rule::kQuorumMustConfirm)) return lowest;
  if (quorum > all.size()) return {};
  return std::min(lowest, all[quorum - 1]);
}

api::Position ConfirmedLoad(const Model& model, Instant now) {
  if (!EarlierLeasesEnded(model, now)) return {};
  api::Position lowest = kNewest;
  for (const auto& [name, status] : model.now.balancers) {
    if (Counts(model, name, status, now) && status.report) {
      lowest = std::min(lowest, status.report->load);
    }
  }
  return lowest;
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
