#include "control/model/lease.h"

#include <algorithm>

#include <fmt/format.h>

#include "control/model/confirmation.h"
#include "control/model/recovery.h"
#include "control/model/rules.h"
#include "control/model/words.h"

namespace joinery::control {
namespace {

void Learn(Transition& step, const BalancerReported& event, BalancerStatus& status) {
  const bool trusted = Holds(Rule::kForeignBytesConfirmNothing, event.trusted_bytes);
  if (!event.trusted_bytes && !status.foreign) {
    step.Log(Severity::kAlarm,
             fmt::format("balancer {} holds other bytes under {} than control sent (I8)",
                         event.balancer, Show(event.report.scheme.at)));
  }
  if (event.report.rejected && (!status.report || !status.report->rejected)) {
    step.Log(Severity::kAlarm,
             fmt::format("balancer {} rejects {}: {}", event.balancer,
                         Show(event.report.rejected->at), event.report.rejected->reason));
  }
  status.foreign = !event.trusted_bytes;
  status.scheme = trusted ? event.report.scheme.at : api::Position{};
  status.report = event.report;
  status.report->held.reset();
}

Lease& LeaseOf(BalancerStatus& status, uint64_t session) {
  const auto found = std::ranges::find(status.leases, session, &Lease::session);
  if (found != status.leases.end()) return *found;
  status.leases.push_back({.session = session});
  return status.leases.back();
}

seconds LeaseHeld(const Policy& policy) noexcept {
  return Obeys(Rule::kLeaseHasMargin) ? LeaseAtControl(policy) : policy.lease / 2;
}

// A lease is granted only to a balancer that confirmed the barrier version.
api::BalancerReply Renew(Transition& step, const std::string& name, BalancerStatus& status) {
  const api::Position barrier = Barrier(step.durable());
  const bool caught_up = Holds(Rule::kLeaseNeedsBarrier, status.scheme >= barrier);
  if (status.behind != !caught_up) {
    step.Log(caught_up ? Severity::kInfo : Severity::kWarning,
             caught_up ? fmt::format("balancer {} has caught up", name)
                       : fmt::format("balancer {} is behind: it holds {}, the barrier is {}; it "
                                     "withdraws its VIPs until it has caught up",
                                     name, Show(status.scheme), Show(barrier)));
  }
  status.behind = !caught_up;
  if (!caught_up) return {.behind = true};
  const std::optional<api::BalancerReport>& report = status.report;
  if (!report) return {};
  // It may still place on a backend that was told since to flush its keys.
  const bool places_right = report->load >= step.known().load_barrier;
  if (!Holds(Rule::kLeaseNeedsLoad, places_right)) return {};
  const Policy& policy = step.durable().policy;
  if (!HasLease(status, step.now)) step.Log(Severity::kInfo, fmt::format("{} gets a lease", name));
  LeaseOf(status, report->sequence.session).until = step.now + LeaseHeld(policy);
  return {.lease = true, .lease_ms = static_cast<uint32_t>(policy.lease.count()) * 1000};
}

}  // namespace

void OnBalancerReport(Transition& step, const BalancerReported& event) {
  step.actions.balancer_reply = api::BalancerReply{};
  if (!step.durable().balancers.contains(event.balancer)) return;
  BalancerStatus& status = step.known().balancers[event.balancer];
  if (!status.sessions.Admit(event.report.sequence)) return;
  Learn(step, event, status);
  Lease& lease = LeaseOf(status, event.report.sequence.session);
  lease.scheme = status.scheme;
  lease.load = event.report.load;
  HearBalancer(step, event);
  if (step.known().recovery.waiting) {
    step.actions.balancer_reply->send_scheme = WantsScheme(step, event.report);
  } else {
    step.actions.balancer_reply = Renew(step, event.balancer, status);
  }
}

void EndLeases(Transition& step) {
  auto& balancers = step.known().balancers;
  for (auto& [name, status] : balancers) {
    const bool had = std::ranges::any_of(
        status.leases, [](const Lease& lease) { return lease.until != Instant{}; });
    std::erase_if(status.leases, [&](const Lease& lease) { return lease.until <= step.now; });
    if (!had || !status.leases.empty()) continue;
    step.Log(Severity::kWarning,
             fmt::format("the lease of balancer {} ended: it goes on at lower preference", name));
  }
  std::erase_if(balancers, [&](const auto& entry) {
    return entry.second.leases.empty() && !step.durable().balancers.contains(entry.first);
  });
}

}  // namespace joinery::control
