#include "lb/dpdk/host_facts.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sched.h>
#include <utility>

#include <fmt/format.h>

#include <linux/capability.h>
#include <net/if.h>

#include "lb/dpdk/eal_arguments.h"

namespace joinery::dpdk {
namespace {

namespace fs = std::filesystem;

uint64_t FreeHugepages() {
  uint64_t total = 0;
  std::error_code error;
  for (const auto& size : fs::directory_iterator("/sys/kernel/mm/hugepages", error)) {
    uint64_t free = 0;
    std::ifstream(size.path() / "free_hugepages") >> free;
    total += free;
  }
  return total;
}

uint64_t EffectiveCapabilities() {
  std::ifstream status("/proc/self/status");
  constexpr std::string_view kKey = "CapEff:\t";
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with(kKey)) continue;
    uint64_t bits = 0;
    std::from_chars(line.data() + kKey.size(), line.data() + line.size(), bits, 16);
    return bits;
  }
  return 0;
}

std::vector<std::string> Interfaces() {
  std::vector<std::string> names;
  struct if_nameindex* list = if_nameindex();
  if (list == nullptr) return names;
  for (const struct if_nameindex* i = list; i->if_index != 0; ++i) names.emplace_back(i->if_name);
  if_freenameindex(list);
  return names;
}

DeviceFacts ReadDevice(const std::string& device) {
  DeviceFacts facts;
  if (IsVirtualDevice(device)) {
    const std::string interface(DeviceArgument(device, "iface"));
    facts.exists = interface.empty() || if_nametoindex(interface.c_str()) != 0;
    return facts;
  }
  const fs::path path = fs::path("/sys/bus/pci/devices") / DeviceName(device);
  std::error_code error;
  facts.exists = fs::exists(path, error);
  facts.driver = fs::read_symlink(path / "driver", error).filename().string();
  return facts;
}

}  // namespace

std::vector<uint16_t> AllowedCpus() {
  std::vector<uint16_t> cpus;
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return cpus;
  for (uint16_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  }
  return cpus;
}

HostFacts ReadHostFacts(const settings::Balancer& balancer, std::vector<uint16_t> cpus) {
  const uint64_t capabilities = EffectiveCapabilities();
  HostFacts facts{.free_hugepages = FreeHugepages(),
                  .cpus = std::move(cpus),
                  .net_raw = (capabilities >> CAP_NET_RAW & 1) != 0,
                  .net_admin = (capabilities >> CAP_NET_ADMIN & 1) != 0,
                  .interfaces = Interfaces(),
                  .devices = {}};
  for (const settings::PortConfig& port : balancer.ports) {
    facts.devices.push_back(ReadDevice(port.device));
  }
  return facts;
}

}  // namespace joinery::dpdk
