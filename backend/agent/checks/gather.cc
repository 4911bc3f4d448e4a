#include "backend/agent/checks/gather.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <ifaddrs.h>
#include <memory>
#include <set>

#include <fmt/format.h>

#include <net/if.h>
#include <netinet/in.h>

#include "backend/agent/checks/mptcp_pm.h"

namespace joinery::agent {
namespace {

constexpr const char* kSysctls[] = {"net.mptcp.enabled", "net.mptcp.allow_join_initial_addr_port",
                                    "net.ipv4.tcp_timestamps", "net.ipv4.tcp_fastopen",
                                    "net.ipv4.tcp_fastopen_key"};
constexpr const char* kPerInterface[] = {"rp_filter", "arp_ignore", "arp_announce"};
constexpr std::string_view kConf = "net.ipv4.conf.";

// ARPHRD_* of Linux include/uapi/linux/if_arp.h: tunl, ip6tnl, sit.
constexpr std::array<unsigned, 3> kTunnelTypes = {768, 769, 776};

// One line, without its end; nothing when there is no such file.
std::optional<std::string> ReadLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  return line;
}

std::optional<IpAddress> AddressOf(const sockaddr* address) {
  if (address == nullptr) return std::nullopt;
  if (address->sa_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
    return IpAddress::V4(
        std::span<const uint8_t, 4>(reinterpret_cast<const uint8_t*>(&v4->sin_addr), 4));
  }
  if (address->sa_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
    return IpAddress::V6(
        std::span<const uint8_t, 16>(reinterpret_cast<const uint8_t*>(&v6->sin6_addr), 16));
  }
  return std::nullopt;
}

template <typename T>
T Or(Expected<T> value, std::vector<std::string>& trouble) {
  if (value) return *std::move(value);
  trouble.push_back(value.error().message);
  return {};
}

}  // namespace

std::string SysctlPath(const std::string& name) {
  std::string path = name;
  size_t first = 0;
  size_t last = path.size();
  if (path.starts_with(kConf)) {
    first = kConf.size();
    last = path.rfind('.');
  }
  for (size_t i = 0; i < path.size(); ++i) {
    const bool of_interface = i >= first && i < last && first != 0;
    if (path[i] == '.' && !of_interface) path[i] = '/';
  }
  return path;
}

std::map<std::string, std::string> ReadSysctls(const std::string& proc_sys,
                                               const std::vector<std::string>& interfaces) {
  std::vector<std::string> names(std::begin(kSysctls), std::end(kSysctls));
  std::vector<std::string> devices = interfaces;
  devices.emplace_back("all");
  for (const std::string& device : devices) {
    for (const char* one : kPerInterface) {
      names.push_back(fmt::format("{}{}.{}", kConf, device, one));
    }
  }
  std::map<std::string, std::string> sysctls;
  for (const std::string& name : names) {
    if (auto value = ReadLine(proc_sys + "/" + SysctlPath(name))) {
      sysctls[name] = *std::move(value);
    }
  }
  return sysctls;
}

std::vector<InterfaceFacts> ReadInterfaces(const std::string& sys_class_net) {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(list, &freeifaddrs);
  std::vector<InterfaceFacts> interfaces;
  for (const ifaddrs* at = list; at != nullptr; at = at->ifa_next) {
    auto found = std::ranges::find(interfaces, at->ifa_name, &InterfaceFacts::name);
    if (found == interfaces.end()) {
      InterfaceFacts facts{.name = at->ifa_name,
                           .up = (at->ifa_flags & IFF_UP) != 0,
                           .loopback = (at->ifa_flags & IFF_LOOPBACK) != 0,
                           .addresses = {}};
      const std::string folder = sys_class_net + "/" + facts.name;
      const auto mtu = ReadLine(folder + "/mtu");
      const auto type = ReadLine(folder + "/type");
      if (mtu) facts.mtu = static_cast<uint32_t>(std::strtoul(mtu->c_str(), nullptr, 10));
      const auto number = type ? std::strtoul(type->c_str(), nullptr, 10) : 0;
      facts.tunnel = std::ranges::find(kTunnelTypes, number) != kTunnelTypes.end();
      interfaces.push_back(std::move(facts));
      found = interfaces.end() - 1;
    }
    if (const auto address = AddressOf(at->ifa_addr)) found->addresses.push_back(*address);
  }
  return interfaces;
}

Facts Gather() {
  Facts facts;
  facts.interfaces = ReadInterfaces("/sys/class/net");
  if (facts.interfaces.empty()) facts.trouble.emplace_back("no interface can be listed");
  std::vector<std::string> names;
  for (const InterfaceFacts& interface : facts.interfaces) names.push_back(interface.name);
  facts.sysctls = ReadSysctls("/proc/sys", names);
  auto limits = ReadMptcpLimits();
  if (limits) {
    facts.limits = *limits;
  } else {
    facts.trouble.push_back(limits.error().message);
  }
  facts.endpoints = Or(ReadMptcpEndpoints(), facts.trouble);
  facts.tcp_listeners = Or(ListSockets(SocketKind::kTcpListeners), facts.trouble);
  facts.mptcp_listeners = Or(ListSockets(SocketKind::kMptcpListeners), facts.trouble);
  return facts;
}

}  // namespace joinery::agent
