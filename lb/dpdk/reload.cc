#include "lb/dpdk/reload.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lb/dpdk/fixed_settings.h"
#include "lb/steer/encap.h"
#include "settings/load.h"

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
  return std::make_unique<Plan>(Plan{*std::move(snapshot), *std::move(slots), std::move(hops)});
}

Expected<uint64_t> Reloader::Reload() {
  const auto config = settings::LoadFile(path_);
  if (!config) {
    std::vector<std::string> lines;
    for (const settings::Diagnostic& diagnostic : config.error()) {
      lines.push_back(ToString(diagnostic));
    }
    return Refuse(fmt::format("{}", fmt::join(lines, "\n")));
  }
  if (const auto fixed = FixedDifferences(running_, config->lb); !fixed.empty()) {
    return Refuse(fmt::format("{}: {}", path_, fmt::join(fixed, fmt::format("\n{}: ", path_))));
  }
  const steer::Snapshot& current = *plans_.Current().snapshot;
  const uint64_t version = current.version() + 1;
  auto plan = MakePlan(*config, version, &current, neighbours_, clock_);
  if (!plan) return Refuse(fmt::format("{}: {}", path_, plan.error().message));

  // A packet to a backend that has not been asked for yet would be lost.
  neighbours_.WaitForAnswers((*plan)->slots, kResolvePatience);
  const steer::Snapshot& next = *(*plan)->snapshot;
  const std::unique_ptr<const Plan> old = plans_.Swap(*std::move(plan));
  neighbours_.Lock().responder.SetVirtual(next.vip_addresses());
  neighbours_.Release(old->slots);
  return version;
}

tl::unexpected<Error> Reloader::Refuse(const std::string& errors) const {
  return Fail(fmt::format("{}\n{}: the running configuration (version {}) stays", errors, path_,
                          plans_.Current().snapshot->version()));
}

}  // namespace joinery::dpdk
