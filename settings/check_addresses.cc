#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "settings/check.h"
#include "settings/host_address.h"
#include "settings/port_claims.h"
#include "settings/unique.h"

namespace joinery::settings {
namespace {

// The subnets that the ports are on, as people read them.
std::string Subnets(std::span<const PortDraft> ports) {
  std::string text;
  for (const PortDraft& port : ports) {
    for (const IpPrefix& prefix : port.port.addresses) {
      text += (text.empty() ? "" : ", ") + ToString(prefix);
    }
  }
  return text;
}

const IpPrefix* SubnetOf(std::span<const PortDraft> ports, const IpAddress& address) {
  for (const PortDraft& port : ports) {
    for (const IpPrefix& prefix : port.port.addresses) {
      if (prefix.Contains(address)) return &prefix;
    }
  }
  return nullptr;
}

// What the balancer's ports and gateways are called by, each with words for a diagnostic.
std::map<IpAddress, std::string> Taken(std::span<const PortDraft> ports) {
  std::map<IpAddress, std::string> taken;
  for (const PortDraft& port : ports) {
    for (const auto& gateway : port.gateways) taken[gateway.value] = "a gateway's address";
  }
  for (const PortDraft& port : ports) {
    for (const auto& own : port.addresses) taken[own.value.address] = "the balancer's own address";
  }
  return taken;
}

// Rules about subnets wait until every address of every port is right.
bool SubnetsKnown(std::span<const PortDraft> ports) {
  return std::ranges::all_of(ports, &PortDraft::subnets_known);
}

void CheckGateways(const PortDraft& draft) {
  const std::span<const PortDraft> self(&draft, 1);
  std::set<IpFamily> families;
  for (const auto& [gateway, at] : draft.gateways) {
    const IpPrefix* subnet = SubnetOf(self, gateway);
    if (!families.insert(gateway.family()).second) {
      at.Refuse("a second gateway of its family");
    } else if (subnet == nullptr) {
      if (draft.subnets_known)
        at.Refuse(fmt::format("on no subnet of the port ({})", Subnets(self)));
    } else if (gateway == subnet->address) {
      at.Refuse("the port's own address");
    } else if (const auto why = WhyNotOn(*subnet, gateway)) {
      at.Refuse(*why);
    }
  }
}

bool HasGateway(std::span<const PortDraft> ports, IpFamily family) {
  return std::ranges::any_of(ports, [&](const PortDraft& port) {
    return std::ranges::any_of(
        port.gateways, [&](const auto& gateway) { return gateway.value.family() == family; });
  });
}

void CheckBackendAddress(std::span<const PortDraft> ports, const BackendDraft& draft,
                         const std::map<IpAddress, std::string>& taken) {
  const auto value = draft.map.Find("address");
  if (!value || !value->Valid()) return;
  const IpAddress& address = draft.backend.address;
  const IpPrefix* subnet = SubnetOf(ports, address);
  if (const auto found = taken.find(address); found != taken.end()) {
    value->Refuse(found->second);
  } else if (subnet != nullptr) {
    if (const auto why = WhyNotOn(*subnet, address)) value->Refuse(*why);
  } else if (!draft.map.Valid("encap") || !SubnetsKnown(ports)) {
    return;
  } else if (draft.backend.encap == Encap::kL2) {
    value->Refuse(
        fmt::format("on no subnet of a port ({}), where l2 cannot reach it", Subnets(ports)));
  } else if (!HasGateway(ports, address.family())) {
    value->Refuse(fmt::format("on no subnet of a port ({}), and there is no {} gateway",
                              Subnets(ports), address.is_v4() ? "IPv4" : "IPv6"));
  }
}

using Service = std::pair<IpAddress, uint8_t>;  // with the protocol

void CheckVip(const VipDraft& draft, const std::map<IpAddress, std::string>& taken,
              std::map<Service, PortClaims>& services) {
  const auto value = draft.map.Find("address");
  if (!value || !value->Valid()) return;
  if (const auto found = taken.find(draft.vip.address); found != taken.end()) {
    value->Refuse(found->second);
    return;
  }
  if (!draft.map.Valid("protocol")) return;
  PortClaims& claims = services[{draft.vip.address, draft.vip.protocol}];
  for (const auto& [ports, at] : draft.ports) {
    const PortClaims::Claim* first = claims.Take(ports, at.at());
    if (first == nullptr) continue;
    const std::string address = ToString(draft.vip.address);
    at.Fail(first->ports == ports ? fmt::format("{} of {} is served already; first in line {}",
                                                ToString(ports), address, first->at.line)
                                  : fmt::format("{} of {} overlaps {} in line {}", ToString(ports),
                                                address, ToString(first->ports), first->at.line));
    return;
  }
}

// The first VIP of an address: the others are to treat fragments, which have no port, in its way.
struct FirstVip {
  const PoolDraft& pool;
  const VipDraft& draft;
};

void CheckFragments(const PoolDraft& pool, const VipDraft& draft,
                    std::map<IpAddress, FirstVip>& firsts) {
  const auto value = draft.map.Find("address");
  if (!value || !value->Valid() || !draft.map.Valid("fragments")) return;
  const auto [found, fresh] =
      firsts.try_emplace(draft.vip.address, FirstVip{.pool = pool, .draft = draft});
  if (fresh) return;
  const FirstVip& first = found->second;
  const int line = first.draft.map.At("address").line;
  const std::string address = ToString(draft.vip.address);
  if (first.draft.vip.fragments != draft.vip.fragments) {
    value->Fail(
        fmt::format("fragments of {} are {} here and {} in line {}; they have no port, so "
                    "give every VIP of the address the same `fragments`",
                    address, ToWord(draft.vip.fragments), ToWord(first.draft.vip.fragments), line));
  } else if (draft.vip.fragments == Fragments::kByAddress && &first.pool != &pool) {
    value->Fail(
        fmt::format("fragments: by_address needs all VIPs of {} in one pool; pool {} has "
                    "one in line {}",
                    address, first.pool.pool.name, line));
  }
}

}  // namespace

void CheckPorts(std::span<const PortDraft> ports) {
  Unique<std::string> names;
  Unique<std::string> devices;
  Unique<IpAddress> addresses;
  for (const PortDraft& draft : ports) {
    names.Add(draft.map, "name", draft.port.name);
    devices.Add(draft.map, "device", draft.port.device);
    for (const auto& [prefix, at] : draft.addresses) addresses.Add(at, prefix.address);
    CheckGateways(draft);
  }
}

void CheckAddresses(std::span<const PortDraft> ports, std::span<const PoolDraft> pools) {
  std::map<IpAddress, std::string> taken = Taken(ports);
  for (const PoolDraft& pool : pools) {
    for (const BackendDraft& draft : pool.backends) CheckBackendAddress(ports, draft, taken);
  }
  CheckVips(std::move(taken), pools);
}

void CheckVips(std::map<IpAddress, std::string> taken, std::span<const PoolDraft> pools) {
  for (const PoolDraft& pool : pools) {
    for (const BackendDraft& draft : pool.backends) {
      if (draft.map.Valid("address"))
        taken.try_emplace(draft.backend.address, "a backend's address");
    }
  }
  std::map<Service, PortClaims> services;
  std::map<IpAddress, FirstVip> firsts;
  for (const PoolDraft& pool : pools) {
    for (const VipDraft& draft : pool.vips) {
      CheckVip(draft, taken, services);
      CheckFragments(pool, draft, firsts);
    }
  }
}

}  // namespace joinery::settings
