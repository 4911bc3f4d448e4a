#include "backend/agent/checks/evaluate.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <netinet/in.h>

namespace joinery::agent {
namespace {

// Joined subflows that a connection may have at least.
constexpr uint32_t kWantedSubflows = 2;
constexpr uint32_t kFastOpenServer = 2;  // bit of net.ipv4.tcp_fastopen
// Names in a detail; more are counted.
constexpr size_t kMaxNamed = 5;

std::optional<int64_t> Sysctl(const Facts& facts, const std::string& name) {
  const auto found = facts.sysctls.find(name);
  if (found == facts.sysctls.end()) return std::nullopt;
  int64_t value = 0;
  const char* end = found->second.data() + found->second.size();
  if (std::from_chars(found->second.data(), end, value).ptr != end) return std::nullopt;
  return value;
}

// A sysctl that must have one value.
Judged OneSysctl(const Facts& facts, Check check, const std::string& name, int64_t wanted) {
  const auto value = Sysctl(facts, name);
  if (!value) return {.check = check, .ok = false, .detail = name + ": this kernel has none"};
  if (*value == wanted) {
    return {.check = check, .ok = true, .detail = fmt::format("{}={}", name, *value)};
  }
  return {.check = check,
          .ok = false,
          .detail = fmt::format("{}={}; sysctl -w {}={}", name, *value, name, wanted),
          .mends = {WriteSysctl{.name = name, .value = fmt::format("{}", wanted)}}};
}

std::string Listed(const std::vector<std::string>& names) {
  if (names.size() <= kMaxNamed) return fmt::format("{}", fmt::join(names, ", "));
  return fmt::format("{} and {} more", fmt::join(names.begin(), names.begin() + kMaxNamed, ", "),
                     names.size() - kMaxNamed);
}

Judged Module(const Facts& facts) {
  if (!facts.encoder_present) {
    return {.check = Check::kModule,
            .ok = false,
            .detail = "joinery_token is not loaded; the agent's log says why"};
  }
  if (!facts.encoder_has_scheme) {
    return {.check = Check::kModule,
            .ok = false,
            .detail = "no scheme is set: tokens name no backend until control has confirmed one"};
  }
  return {.check = Check::kModule, .ok = true, .detail = "loaded, scheme set"};
}

Judged ModuleProbe(const Facts& facts) {
  std::vector<std::string> seen;
  for (const char* name : {"layout_mismatch", "unknown_caller", "probe_missed"}) {
    const auto found = facts.encoder_counters.find(name);
    if (found != facts.encoder_counters.end() && found->second != 0) {
      seen.push_back(fmt::format("{} {}", name, found->second));
    }
  }
  if (seen.empty())
    return {.check = Check::kModuleProbe, .ok = true, .detail = "no key was missed"};
  return {.check = Check::kModuleProbe,
          .ok = false,
          .detail = Listed(seen) +
                    ": connections kept the kernel's own keys; backend/kmod's page "
                    "says what these mean"};
}

Judged Limits(const Facts& facts) {
  const uint32_t has = facts.limits ? facts.limits->subflows : 0;
  if (has >= kWantedSubflows) {
    return {.check = Check::kMptcpLimits, .ok = true, .detail = fmt::format("subflows {}", has)};
  }
  MptcpLimits limits = facts.limits.value_or(MptcpLimits{});
  limits.subflows = kWantedSubflows;
  return {
      .check = Check::kMptcpLimits,
      .ok = false,
      .detail = fmt::format("subflows {}; ip mptcp limits set subflows {}", has, kWantedSubflows),
      .mends = {SetLimits{limits}}};
}

Judged Endpoints(const Facts& facts) {
  std::vector<std::string> wrong;
  for (const MptcpEndpoint& endpoint : facts.endpoints) {
    if (endpoint.opens_subflows) wrong.push_back(ToString(endpoint.address));
  }
  if (wrong.empty()) {
    return {.check = Check::kMptcpEndpoints,
            .ok = true,
            .detail = fmt::format("{} endpoints", facts.endpoints.size())};
  }
  return {.check = Check::kMptcpEndpoints,
          .ok = false,
          .detail = Listed(wrong) +
                    ": a server that opens subflows goes past the balancer; "
                    "ip mptcp endpoint delete"};
}

// Whether somebody listens there: on the address itself, or on all of its family.
bool Listens(const std::vector<SocketRow>& listeners, const IpAddress& address,
             const PortRange& ports) {
  return std::ranges::any_of(listeners, [&](const SocketRow& row) {
    if (!ports.Contains(row.local_port)) return false;
    if (row.local == address) return true;
    if (!row.local.IsUnspecified()) return false;
    if (row.local.family() == address.family()) return true;
    return address.is_v4() && !row.v6_only;  // [::] takes IPv4 too
  });
}

Judged Listeners(const Facts& facts, const Wanted& wanted) {
  std::vector<std::string> missing;
  std::vector<std::string> plain;
  for (const api::ServedVip& vip : wanted.vips) {
    if (vip.protocol != IPPROTO_TCP) continue;
    for (const PortRange& range : vip.ports) {
      const std::string where =
          range.IsOne() ? fmt::format("{} port {}", ToString(vip.address), range.first.value())
                        : fmt::format("{} ports {}-{}", ToString(vip.address), range.first.value(),
                                      range.last.value());
      if (!Listens(facts.tcp_listeners, vip.address, range)) {
        missing.push_back(where);
      } else if (!Listens(facts.mptcp_listeners, vip.address, range)) {
        plain.push_back(where);
      }
    }
  }
  if (!missing.empty()) {
    return {.check = Check::kListeners,
            .ok = false,
            .detail = "nobody listens at " + Listed(missing) +
                      "; the service must listen on [::] or on every VIP"};
  }
  if (!plain.empty() && wanted.handshake != settings::Handshake::kNone) {
    return {.check = Check::kListeners,
            .ok = false,
            .detail = "plain TCP at " + Listed(plain) + "; start the service by mptcpize run"};
  }
  return {.check = Check::kListeners, .ok = true, .detail = "all VIPs"};
}

Judged Vips(const Facts& facts, const Wanted& wanted) {
  Judged judged{.check = Check::kVips, .ok = true, .detail = "all on the loopback interface"};
  std::vector<std::string> missing;
  std::vector<std::string> elsewhere;
  for (const api::ServedVip& vip : wanted.vips) {
    const std::string text = ToString(vip.address);
    if (std::ranges::find(missing, text) != missing.end()) continue;  // TCP and UDP of one address
    bool on_loopback = false;
    bool on_other = false;
    for (const InterfaceFacts& interface : facts.interfaces) {
      if (std::ranges::find(interface.addresses, vip.address) == interface.addresses.end())
        continue;
      (interface.loopback ? on_loopback : on_other) = true;
    }
    if (on_other) elsewhere.push_back(text);
    if (on_loopback || on_other) continue;
    missing.push_back(text);
    judged.mends.emplace_back(AddVip{vip.address});
  }
  if (missing.empty() && elsewhere.empty()) return judged;
  judged.ok = false;
  judged.detail.clear();
  if (!missing.empty()) {
    judged.detail = "missing: " + Listed(missing) + "; ip address add VIP dev lo";
  }
  if (!elsewhere.empty()) {
    judged.detail += (missing.empty() ? "" : "; ") +
                     fmt::format("on another interface: {}; move them to lo", Listed(elsewhere));
  }
  return judged;
}

bool IsLan(const InterfaceFacts& interface) {
  return interface.up && !interface.loopback && !interface.tunnel;
}

// net.ipv4.conf: the larger of a device's value and that of `all` counts.
int64_t Effective(const Facts& facts, const std::string& device, const std::string& name) {
  return std::max(Sysctl(facts, "net.ipv4.conf.all." + name).value_or(0),
                  Sysctl(facts, "net.ipv4.conf." + device + "." + name).value_or(0));
}

Judged Arp(const Facts& facts) {
  std::vector<std::string> wrong;
  for (const InterfaceFacts& interface : facts.interfaces) {
    if (!IsLan(interface)) continue;
    if (Effective(facts, interface.name, "arp_ignore") < 1 ||
        Effective(facts, interface.name, "arp_announce") < 2) {
      wrong.push_back(interface.name);
    }
  }
  if (wrong.empty())
    return {.check = Check::kArp, .ok = true, .detail = "arp_ignore, arp_announce"};
  return {.check = Check::kArp,
          .ok = false,
          .detail = Listed(wrong) +
                    ": answers ARP for VIPs; sysctl -w "
                    "net.ipv4.conf.all.arp_ignore=1 "
                    "net.ipv4.conf.all.arp_announce=2",
          .mends = {WriteSysctl{.name = "net.ipv4.conf.all.arp_ignore", .value = "1"},
                    WriteSysctl{.name = "net.ipv4.conf.all.arp_announce", .value = "2"}}};
}

// Tunnel devices have no address, so that even the loose filter drops what comes out of them; the
// strict one drops what comes in by another interface than the answer leaves by.
Judged RpFilter(const Facts& facts) {
  const auto lans = std::ranges::count_if(facts.interfaces, IsLan);
  std::vector<std::string> wrong;
  Judged judged{.check = Check::kRpFilter, .ok = true, .detail = "lets all pass"};
  for (const InterfaceFacts& interface : facts.interfaces) {
    if (!interface.up || interface.loopback) continue;
    const int64_t value = Effective(facts, interface.name, "rp_filter");
    const bool drops = interface.tunnel ? value != 0 : value == 1 && lans > 1;
    if (!drops) continue;
    wrong.push_back(fmt::format("{} ({})", interface.name, value));
    judged.mends.emplace_back(
        WriteSysctl{.name = "net.ipv4.conf." + interface.name + ".rp_filter", .value = "0"});
  }
  if (wrong.empty()) return judged;
  judged.mends.emplace_back(WriteSysctl{.name = "net.ipv4.conf.all.rp_filter", .value = "0"});
  judged.ok = false;
  judged.detail = "drops packets of " + Listed(wrong) +
                  "; sysctl -w net.ipv4.conf.IFACE.rp_filter=0 net.ipv4.conf.all.rp_filter=0";
  return judged;
}

Judged Mtu(const Facts& facts, const Wanted& wanted) {
  std::vector<std::string> small;
  std::vector<std::string> all;
  for (const InterfaceFacts& interface : facts.interfaces) {
    if (!IsLan(interface)) continue;
    all.push_back(fmt::format("{} {}", interface.name, interface.mtu));
    if (interface.mtu < wanted.min_mtu) small.push_back(all.back());
  }
  if (small.empty()) return {.check = Check::kMtu, .ok = true, .detail = Listed(all)};
  return {.check = Check::kMtu,
          .ok = false,
          .detail = fmt::format("{}: below {}; ip link set IFACE mtu {}", Listed(small),
                                wanted.min_mtu, wanted.min_mtu)};
}

Judged FastOpenKey(const Facts& facts, const Wanted& wanted) {
  const std::string name = "net.ipv4.tcp_fastopen_key";
  const bool serves = (Sysctl(facts, "net.ipv4.tcp_fastopen").value_or(0) & kFastOpenServer) != 0;
  if (!serves) {
    return {.check = Check::kFastopenKey, .ok = true, .detail = "the server does not take TFO"};
  }
  if (!wanted.fastopen_key) {
    return {.check = Check::kFastopenKey,
            .ok = false,
            .detail =
                "TCP Fast Open is on and no key is configured (checks.fastopen_key_file): "
                "cookies of one server are worth nothing at another"};
  }
  const auto found = facts.sysctls.find(name);
  if (found != facts.sysctls.end() && found->second == *wanted.fastopen_key) {
    return {.check = Check::kFastopenKey, .ok = true, .detail = "the configured one"};
  }
  return {.check = Check::kFastopenKey,
          .ok = false,
          .detail = name + " is another one than the configured",
          .mends = {WriteSysctl{.name = name, .value = *wanted.fastopen_key}}};
}

Judged Trouble(const Facts& facts) {
  if (facts.trouble.empty()) return {.check = Check::kFacts, .ok = true, .detail = "all"};
  return {.check = Check::kFacts, .ok = false, .detail = Listed(facts.trouble)};
}

}  // namespace

std::string_view Name(Check check) noexcept { return kCheckNames[static_cast<size_t>(check)]; }

std::string ToString(const Mend& mend) {
  if (const auto* sysctl = std::get_if<WriteSysctl>(&mend)) return "sysctl " + sysctl->name;
  if (const auto* vip = std::get_if<AddVip>(&mend)) {
    return fmt::format("{} to the loopback interface", ToString(vip->address));
  }
  return "MPTCP limits";
}

std::vector<Judged> Evaluate(const Facts& facts, const Wanted& wanted) {
  const bool has_tokens = wanted.handshake != settings::Handshake::kNone;
  std::vector<Judged> all;
  if (wanted.encoder && has_tokens) {
    all.push_back(Module(facts));
    all.push_back(ModuleProbe(facts));
  }
  all.push_back(OneSysctl(facts, Check::kMptcp, "net.mptcp.enabled", 1));
  all.push_back(OneSysctl(facts, Check::kTcpTimestamps, "net.ipv4.tcp_timestamps", 1));
  if (has_tokens) {
    all.push_back(
        OneSysctl(facts, Check::kJoinInitialAddress, "net.mptcp.allow_join_initial_addr_port", 1));
  }
  all.push_back(Limits(facts));
  all.push_back(Endpoints(facts));
  all.push_back(Listeners(facts, wanted));
  all.push_back(Vips(facts, wanted));
  all.push_back(Arp(facts));
  all.push_back(RpFilter(facts));
  all.push_back(Mtu(facts, wanted));
  all.push_back(FastOpenKey(facts, wanted));
  all.push_back(Trouble(facts));
  return all;
}

api::Finding ToFinding(const Judged& judged) {
  return {.name = std::string(Name(judged.check)), .ok = judged.ok, .detail = judged.detail};
}

}  // namespace joinery::agent
