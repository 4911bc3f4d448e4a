#include "lb/dpdk/fixed_settings.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace joinery::dpdk {
namespace {

// Gateways are left out: they are next hops, and may change.
std::string Describe(const settings::PortConfig& port) {
  std::vector<std::string> addresses;
  for (const IpPrefix& address : port.addresses) addresses.push_back(ToString(address));
  const std::string vlan = port.vlan == 0 ? "" : fmt::format(" vlan {}", port.vlan);
  return fmt::format("{} {} mtu {}{} {}", port.name, port.device, port.mtu, vlan,
                     fmt::join(addresses, " "));
}

template <typename T>
void Compare(std::vector<std::string>& out, std::string_view key, const T& running, const T& next) {
  if (running == next) return;
  out.push_back(fmt::format("balancer.{}: {} cannot become {} while running; restart for that", key,
                            running, next));
}

std::string_view Name(settings::Idle idle) {
  return idle == settings::Idle::kPoll ? "poll" : "sleep";
}

std::string UserName(const settings::Balancer& balancer) {
  return balancer.user.empty() ? "as started" : balancer.user;
}

}  // namespace

std::vector<std::string> FixedDifferences(const settings::Balancer& running,
                                          const settings::Balancer& next) {
  std::vector<std::string> out;
  Compare(out, "idle", Name(running.idle), Name(next.idle));
  Compare(out, "lcores", running.lcores, next.lcores);
  Compare(out, "user", UserName(running), UserName(next));
  Compare(out, "eal_options", running.eal_options, next.eal_options);
  Compare(out, "stats_socket", running.stats_socket, next.stats_socket);
  Compare(out, "cache_flows", running.cache_flows, next.cache_flows);
  std::vector<std::string> old_ports;
  std::vector<std::string> new_ports;
  std::ranges::transform(running.ports, std::back_inserter(old_ports), Describe);
  std::ranges::transform(next.ports, std::back_inserter(new_ports), Describe);
  Compare(out, "ports", old_ports, new_ports);
  return out;
}

}  // namespace joinery::dpdk
