#include "settings/to_yaml.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <netinet/in.h>

#include "settings/words.h"

namespace joinery::settings {
namespace {

// In double quotes, as YAML escapes; texts are printable (yaml_reader.h).
std::string Text(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

// [a, b] with each element printed by `print`.
template <typename List, typename Print>
std::string Flow(const List& list, Print print) {
  std::string text;
  for (const auto& element : list) text += (text.empty() ? "" : ", ") + print(element);
  return "[" + text + "]";
}

std::string Address(const IpAddress& address) { return Text(ToString(address)); }

void Append(std::string& out, const PortConfig& port) {
  out += fmt::format("    - name: {}\n      device: {}\n", port.name, Text(port.device));
  out += fmt::format("      addresses: {}\n", Flow(port.addresses, [](const IpPrefix& prefix) {
                       return Text(ToString(prefix));
                     }));
  out += fmt::format("      gateways: {}\n      mtu: {}\n", Flow(port.gateways, Address), port.mtu);
  if (port.vlan != 0) out += fmt::format("      vlan: {}\n", port.vlan);
}

void Append(std::string& out, const Balancer& balancer) {
  out += fmt::format("balancer:\n  name: {}\n  steering: {}\n  idle: {}\n  lcores: [{}]\n",
                     balancer.name, ToWord(balancer.steering), ToWord(balancer.idle),
                     fmt::join(balancer.lcores, ", "));
  if (!balancer.user.empty()) out += fmt::format("  user: {}\n", balancer.user);
  out += fmt::format("  eal_options: {}\n  stats_socket: {}\n  cache_flows: {}\n  hash_rate: {}\n",
                     Flow(balancer.eal_options, Text), Text(balancer.stats_socket),
                     balancer.cache_flows, balancer.hash_rate);
  out += fmt::format("  metrics: {}\n  log: {}\n",
                     balancer.metrics ? Text(ToString(*balancer.metrics)) : "off",
                     ToWord(balancer.log));
  out += "  ports:\n";
  for (const PortConfig& port : balancer.ports) Append(out, port);
}

void Append(std::string& out, const Control& control) {
  out += "control:\n";
  if (!control.unix.empty()) out += fmt::format("  unix: {}\n", Text(control.unix));
  if (control.address) out += fmt::format("  address: {}\n", Text(ToString(*control.address)));
  if (control.tls) {
    out +=
        fmt::format("  tls:\n    ca: {}\n    certificate: {}\n    key: {}\n", Text(control.tls->ca),
                    Text(control.tls->certificate), Text(control.tls->key));
  }
  out += fmt::format("  state_dir: {}\n", Text(control.state_dir));
}

void Append(std::string& out, const Scheme& scheme) {
  out += fmt::format("    scheme:  # {} ID bits\n", scheme.id_bits);
  out += fmt::format("      algorithm: {}\n      generation_bits: {}\n      generations:\n",
                     ToWord(scheme.algorithm), scheme.generation_bits);
  for (const Generation& generation : scheme.generations) {
    out += fmt::format("        - codepoint: {}\n          serial: {}\n          state: {}\n",
                       generation.codepoint.value(), generation.serial.value(),
                       ToWord(generation.state));
    if (!generation.key_file.empty()) {
      out += fmt::format("          key_file: {}\n", Text(generation.key_file));
    }
  }
}

void Append(std::string& out, const Cookie& cookie) {
  out += fmt::format("    cookie:\n      rule: {}\n      epochs:\n", ToWord(cookie.rule));
  for (const CookieEpoch& epoch : cookie.epochs) {
    out += fmt::format("        - serial: {}\n          state: {}\n          key_file: {}\n",
                       epoch.serial.value(), ToWord(epoch.state), Text(epoch.key_file));
  }
}

std::string Ports(const std::vector<PortRange>& ports) {
  if (ports.front() == PortRange::All()) return ToString(ports.front());
  return Flow(ports, [](const PortRange& range) { return ToString(range); });
}

void Append(std::string& out, const Vip& vip) {
  const Protocol protocol = vip.protocol == IPPROTO_TCP ? Protocol::kTcp : Protocol::kUdp;
  out += fmt::format("      - address: {}\n        protocol: {}\n        ports: {}\n",
                     Address(vip.address), ToWord(protocol), Ports(vip.ports));
  out += fmt::format("        fragments: {}\n", ToWord(vip.fragments));
}

void Append(std::string& out, const Backend& backend) {
  out += fmt::format("      - name: {}\n        id: {}\n        address: {}\n", backend.name,
                     backend.id.value(), Address(backend.address));
  out += fmt::format("        weight: {}\n        encap: {}\n        state: {}\n", backend.weight,
                     ToWord(backend.encap), ToWord(backend.state));
}

void Append(std::string& out, const Pool& pool) {
  out += fmt::format("  - name: {}\n    id: {}\n    max_backends: {}\n    handshake: {}\n",
                     pool.name, pool.id.value(), pool.max_backends, ToWord(pool.handshake));
  if (pool.handshake != Handshake::kNone) Append(out, pool.scheme);
  if (pool.cookie) Append(out, *pool.cookie);
  out += fmt::format("    hash_secret_file: {}\n    table_size: {}\n    join_rate: {}\n",
                     Text(pool.hash_secret_file), pool.table_size, pool.join_rate);
  out += "    vips:\n";
  for (const Vip& vip : pool.vips) Append(out, vip);
  out += "    backends:\n";
  for (const Backend& backend : pool.backends) Append(out, backend);
}

}  // namespace

std::string ToYaml(const Config& config) {
  std::string out;
  Append(out, config.lb);
  if (config.control) {
    Append(out, *config.control);
    return out;
  }
  out += "pools:\n";
  for (const Pool& pool : config.pools) Append(out, pool);
  return out;
}

}  // namespace joinery::settings
