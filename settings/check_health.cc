#include <array>
#include <string_view>

#include <fmt/format.h>

#include <netinet/in.h>

#include "settings/check_control_file.h"

namespace joinery::settings {
namespace {

constexpr std::array<std::string_view, 5> kHttpKeys = {"path", "host", "status_min", "status_max",
                                                       "body"};

std::string_view Name(IpFamily family) { return family == IpFamily::kIpv4 ? "IPv4" : "IPv6"; }

void CheckSources(const ControlHealthDraft& draft) {
  std::optional<Position> v4;
  std::optional<Position> v6;
  for (const auto& [prefix, at] : draft.sources) {
    std::optional<Position>& first = prefix.address.is_v4() ? v4 : v6;
    if (first) {
      at.Fail(fmt::format("a second {} prefix; the first is in line {}",
                          Name(prefix.address.family()), first->line));
    } else {
      first = at.at();
    }
  }
}

void CheckQuestion(const PoolHealthDraft& draft) {
  const PoolHealth& health = draft.health;
  const bool http = health.type == CheckType::kHttp || health.type == CheckType::kHttps;
  for (const std::string_view key : kHttpKeys) {
    if (http || !draft.map.Find(key) || !draft.map.Valid("type")) continue;
    draft.map.Fail(key, "only checks of type http and https have it");
  }
  if (health.status_min > health.status_max && draft.map.Valid("status_min") &&
      draft.map.Valid("status_max")) {
    draft.map.Fail(draft.map.Find("status_min") ? "status_min" : "status_max",
                   fmt::format("no status is in {}..{} (status_min..status_max)", health.status_min,
                               health.status_max));
  }
}

const VipDraft* FirstTcp(const PoolDraft& pool, IpFamily family) {
  for (const VipDraft& draft : pool.vips) {
    if (draft.vip.protocol != IPPROTO_TCP || !draft.map.Valid("address")) continue;
    if (draft.vip.address.family() == family) return &draft;
  }
  return nullptr;
}

bool HasSource(const ControlHealthDraft& draft, IpFamily family) {
  for (const IpPrefix& prefix : draft.health.sources) {
    if (prefix.address.family() == family) return true;
  }
  return false;
}

// At the VIP of one family, if the pool has one.
bool CheckVip(const ControlPoolDraft& pool, const PoolHealthDraft& draft,
              const ControlHealthDraft& control, IpFamily family) {
  const VipDraft* vip = FirstTcp(pool.shared, family);
  if (vip == nullptr) return false;
  const bool all = !vip->vip.ports.empty() && vip->vip.ports.front() == PortRange::All();
  if (all && !draft.map.Find("port")) {
    draft.map.Fail("port", fmt::format("missing; {} has every port, so say which one is asked",
                                       ToString(vip->vip.address)));
  }
  if (!HasSource(control, family) && control.map.Valid("sources")) {
    control.map.Fail("sources",
                     fmt::format("no {} prefix, and pool {} is checked at {}", Name(family),
                                 pool.shared.pool.name, ToString(vip->vip.address)));
  }
  return true;
}

}  // namespace

void CheckHealth(const ControlDraft& control, std::span<const ControlPoolDraft> pools) {
  if (control.health) CheckSources(*control.health);
  for (const ControlPoolDraft& pool : pools) {
    if (!pool.health || !pool.health->map.IsMap()) continue;
    CheckQuestion(*pool.health);
    if (!control.health) {
      control.map.Fail("health", fmt::format("missing; pool {} has health checks, and they are "
                                             "sent from its sources",
                                             pool.shared.pool.name));
      return;
    }
    const bool v4 = CheckVip(pool, *pool.health, *control.health, IpFamily::kIpv4);
    const bool v6 = CheckVip(pool, *pool.health, *control.health, IpFamily::kIpv6);
    if (!v4 && !v6 && !pool.shared.vips.empty()) {
      pool.shared.map.Fail("health", "no VIP of the pool is tcp, so there is nothing to ask");
    }
  }
}

}  // namespace joinery::settings
