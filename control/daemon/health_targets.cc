#include "control/daemon/health_targets.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <netinet/in.h>

#include "control/model/words.h"

namespace joinery::control {
namespace {

using std::chrono::milliseconds;

health::CheckKind KindOf(settings::CheckType type) {
  switch (type) {
    case settings::CheckType::kTcp:
      return health::CheckKind::kTcp;
    case settings::CheckType::kHttp:
      return health::CheckKind::kHttp;
    case settings::CheckType::kHttps:
      return health::CheckKind::kHttps;
    case settings::CheckType::kMptcp:
      return health::CheckKind::kMptcp;
  }
  return health::CheckKind::kTcp;
}

health::Check CheckOf(const settings::PoolHealth& asked) {
  return {.kind = KindOf(asked.type),
          .path = asked.path,
          .host = asked.host,
          .status_first = asked.status_min,
          .status_last = asked.status_max,
          .body = asked.body};
}

health::Policy PolicyOf(const settings::PoolHealth& asked) {
  return {.interval = milliseconds(asked.interval_ms),
          .timeout = milliseconds(asked.timeout_ms),
          .jitter_percent = asked.jitter_percent,
          .rise = asked.rise,
          .fall = asked.fall,
          .half_life = seconds(asked.damping_s)};
}

// The first tcp VIP of each family.
std::vector<const api::ServedVip*> VipsOf(const Service& service) {
  std::vector<const api::ServedVip*> found;
  for (const api::ServedVip& vip : service.vips) {
    const bool has_family = std::ranges::any_of(found, [&](const api::ServedVip* other) {
      return other->address.family() == vip.address.family();
    });
    if (vip.protocol == IPPROTO_TCP && !has_family && !vip.ports.empty()) found.push_back(&vip);
  }
  return found;
}

bool IsAsked(const Backend& backend) {
  return backend.state != BackendState::kFailed && backend.state != BackendState::kLeaving;
}

}  // namespace

std::vector<CheckedBackend> TargetsOf(const Durable& durable,
                                      const settings::ControlConfig& config) {
  std::vector<CheckedBackend> targets;
  for (const settings::ControlPool& wanted : config.pools) {
    const auto pool = durable.pools.find(wanted.name);
    if (!wanted.health || pool == durable.pools.end()) continue;
    const settings::PoolHealth& asked = *wanted.health;
    for (const auto& [name, backend] : pool->second.backends) {
      if (!IsAsked(backend)) continue;
      const BackendRef who = {.pool = wanted.name, .backend = name};
      for (const api::ServedVip* vip : VipsOf(pool->second.service)) {
        targets.push_back(
            {.backend = who,
             .target = {
                 .name = fmt::format("{} at {}", ToString(who), ToString(vip->address)),
                 .way = {.backend = backend.endpoint.address, .encap = backend.endpoint.encap},
                 .vip = vip->address,
                 .port = asked.port != 0 ? Port(asked.port) : vip->ports.front().first,
                 .check = CheckOf(asked),
                 .policy = PolicyOf(asked)}});
      }
    }
  }
  return targets;
}

}  // namespace joinery::control
