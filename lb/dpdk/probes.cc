#include "lb/dpdk/probes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "api/metrics/pages.h"

namespace joinery::dpdk {

void LcoreWatch::Look(std::span<const LcoreStats> lcores, Instant now) {
  last_ = now;
  if (seen_.size() != lcores.size()) seen_.assign(lcores.size(), {.cpu = 0, .since = now});
  for (size_t i = 0; i < lcores.size(); ++i) {
    const uint64_t rounds = lcores[i].busy_polls + lcores[i].empty_polls;
    if (rounds != seen_[i].rounds) seen_[i].since = now;
    seen_[i].cpu = lcores[i].cpu;
    seen_[i].rounds = rounds;
  }
}

std::vector<uint16_t> LcoreWatch::Stuck() const {
  std::vector<uint16_t> stuck;
  for (const Seen& lcore : seen_) {
    if (last_ - lcore.since >= kStuckAfter) stuck.push_back(lcore.cpu);
  }
  return stuck;
}

api::Page HealthPage(const Condition& condition) {
  if (condition.stuck.empty()) return {.body = "ok\n"};
  return api::Unavailable(
      fmt::format("CPUs {} no longer forward", fmt::join(condition.stuck, ", ")));
}

api::Page ReadyPage(const Condition& condition) {
  if (!condition.stuck.empty()) return HealthPage(condition);
  if (!condition.started) return api::Unavailable("not ready: it starts");
  if (!condition.following) return {.body = "ready: normal\n"};
  switch (condition.following->announce) {
    case follow::Announce::kNormal:
      return {.body = "ready: normal\n"};
    case follow::Announce::kLower:
      return {.body = "ready: lower: no lease from control\n"};
    case follow::Announce::kWithdraw:
      break;
  }
  return api::Unavailable(condition.following->behind
                              ? "not ready: control says that this balancer is behind"
                              : "not ready: no view from control yet");
}

}  // namespace joinery::dpdk
