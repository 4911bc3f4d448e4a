#include "lb/dpdk/fixed_settings.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "settings/words.h"

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

std::string EndpointText(const std::optional<Endpoint>& endpoint) {
  return endpoint ? ToString(*endpoint) : "off";
}

std::string ControlText(const settings::Control& control) {
  std::string text = control.unix.empty() ? EndpointText(control.address) : control.unix;
  if (control.tls) {
    text +=
        fmt::format(" with {} {} {}", control.tls->ca, control.tls->certificate, control.tls->key);
  }
  return text + " and " + control.state_dir;
}

std::string Source(const settings::Config& config) {
  return config.control ? ControlText(*config.control) : "pools in the file";
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

std::vector<std::string> FixedDifferences(const settings::Config& running,
                                          const settings::Config& next) {
  std::vector<std::string> out = FixedDifferences(running.lb, next.lb);
  if (Source(running) != Source(next)) {
    out.push_back(fmt::format("control: {} cannot become {} while running; restart for that",
                              Source(running), Source(next)));
  }
  return out;
}

std::vector<std::string> FixedDifferences(const settings::Balancer& running,
                                          const settings::Balancer& next) {
  std::vector<std::string> out;
  Compare(out, "idle", Name(running.idle), Name(next.idle));
  Compare(out, "lcores", running.lcores, next.lcores);
  Compare(out, "user", UserName(running), UserName(next));
  Compare(out, "eal_options", running.eal_options, next.eal_options);
  Compare(out, "stats_socket", running.stats_socket, next.stats_socket);
  Compare(out, "metrics", EndpointText(running.metrics), EndpointText(next.metrics));
  Compare(out, "log", settings::ToWord(running.log), settings::ToWord(next.log));
  Compare(out, "cache_flows", running.cache_flows, next.cache_flows);
  std::vector<std::string> old_ports;
  std::vector<std::string> new_ports;
  std::ranges::transform(running.ports, std::back_inserter(old_ports), Describe);
  std::ranges::transform(next.ports, std::back_inserter(new_ports), Describe);
  Compare(out, "ports", old_ports, new_ports);
  return out;
}

}  // namespace joinery::dpdk
