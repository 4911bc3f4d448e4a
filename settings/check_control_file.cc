#include "settings/check_control_file.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "settings/check.h"
#include "settings/control_file_keys.h"
#include "settings/unique.h"

namespace joinery::settings {
namespace {

bool HasBackend(std::span<const ControlPoolDraft> pools, const std::string& path) {
  return std::ranges::any_of(pools, [&](const ControlPoolDraft& pool) {
    return std::ranges::any_of(pool.shared.backends, [&](const BackendDraft& draft) {
      return path == fmt::format("{}/{}", pool.shared.pool.name, draft.backend.name);
    });
  });
}

bool HasBalancer(std::span<const ControlBalancerDraft> balancers, const std::string& name) {
  return std::ranges::any_of(balancers,
                             [&](const auto& draft) { return draft.balancer.name == name; });
}

void CheckLocal(const LocalDraft& draft, std::span<const ControlBalancerDraft> balancers,
                std::span<const ControlPoolDraft> pools) {
  const auto balancer = draft.map.Find("balancer");
  const auto backend = draft.map.Find("backend");
  if (balancer.has_value() == backend.has_value()) {
    draft.map.Fail("balancer", balancer
                                   ? "beside `backend`; a socket is for one of the two"
                                   : "missing, and `backend` too; a socket is for one of them");
    return;
  }
  if (balancer && balancer->Valid() && !HasBalancer(balancers, draft.local.balancer)) {
    balancer->Refuse("no balancer of this file");
  }
  if (backend && backend->Valid() && !HasBackend(pools, draft.local.backend)) {
    backend->Refuse("no backend of this file");
  }
}

}  // namespace

void CheckControlBalancers(std::span<const ControlBalancerDraft> balancers) {
  Unique<std::string> names;
  Unique<IpAddress> addresses;
  for (const ControlBalancerDraft& draft : balancers) {
    names.Add(draft.map, "name", draft.balancer.name);
    for (const auto& [address, at] : draft.addresses) addresses.Add(at, address);
  }
}

void CheckControlDaemon(const ControlDraft& control,
                        std::span<const ControlBalancerDraft> balancers,
                        std::span<const ControlPoolDraft> pools) {
  if (!control.map.IsMap()) return;
  const bool listens = control.map.Find("listen") && !control.control.listen.empty();
  const bool has_tls = control.map.Find("tls").has_value();
  if (listens && !has_tls) {
    control.map.Fail("tls", "missing; `listen` needs it (joinctl pki makes the files)");
  }
  if (!listens && control.local.empty() && !control.map.Find("local")) {
    control.map.Fail("listen", "missing, and `local` too: no balancer could connect");
  }
  if (control.map.Valid("lb_quorum") && !balancers.empty() &&
      control.control.lb_quorum > balancers.size()) {
    control.map.Fail("lb_quorum", fmt::format("{} is too large; allowed 0..{} (balancers)",
                                              control.control.lb_quorum, balancers.size()));
  }
  Unique<std::string> sockets;
  for (const LocalDraft& local : control.local) {
    sockets.Add(local.map, "socket", local.local.socket);
    CheckLocal(local, balancers, pools);
  }
}

void CheckControlPools(std::span<ControlPoolDraft> pools,
                       std::span<const ControlBalancerDraft> balancers) {
  std::map<IpAddress, std::string> taken;
  for (const ControlBalancerDraft& draft : balancers) {
    for (const auto& [address, at] : draft.addresses) taken[address] = "a balancer's address";
  }
  Unique<std::string> names;
  std::vector<PoolDraft> shared;
  for (ControlPoolDraft& draft : pools) {
    names.Add(draft.shared.map, "name", draft.shared.pool.name);
    const bool bits_valid =
        !draft.shared.scheme || draft.shared.scheme->map.Valid("generation_bits");
    CheckLayout(draft.shared, bits_valid, draft.shared.pool.scheme);
    CheckBackendNames(draft.shared);
    for (const BackendDraft& backend : draft.shared.backends) {
      const auto value = backend.map.Find("address");
      const auto found = taken.find(backend.backend.address);
      if (value && value->Valid() && found != taken.end()) value->Refuse(found->second);
    }
    shared.push_back(draft.shared);
  }
  CheckVips(std::move(taken), shared);
}

}  // namespace joinery::settings
