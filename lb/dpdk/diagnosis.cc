#include "lb/dpdk/diagnosis.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lb/dpdk/eal_arguments.h"

namespace joinery::dpdk {
namespace {

using settings::Balancer;
using settings::PortConfig;

bool Logged(std::span<const std::string> log, std::string_view text) {
  return std::ranges::any_of(
      log, [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

void DiagnoseCpus(const Balancer& balancer, const HostFacts& host, std::vector<std::string>& out) {
  for (const uint16_t lcore : balancer.lcores) {
    if (std::ranges::find(host.cpus, lcore) != host.cpus.end()) continue;
    out.push_back(fmt::format("balancer.lcores: CPU {} is not one that this process may use ({})",
                              lcore, fmt::join(host.cpus, ", ")));
  }
}

void DiagnoseMemory(const Balancer& balancer, const HostFacts& host,
                    std::span<const std::string> log, std::vector<std::string>& out) {
  if (!HasNoHuge(balancer) && host.free_hugepages == 0) {
    out.push_back(
        "there are no free hugepages: reserve some (sysctl -w vm.nr_hugepages=512), or go without "
        "by adding \"--no-huge\", \"-m\", \"512\" to balancer.eal_options");
  } else if (Logged(log, "annot allocate memory") || Logged(log, "mempool") ||
             Logged(log, "ot enough memory")) {
    out.push_back(HasNoHuge(balancer)
                      ? "the memory given is too little: raise the number after \"-m\" (MiB) in "
                        "balancer.eal_options"
                      : "the memory given is too little: reserve more hugepages (sysctl "
                        "vm.nr_hugepages)");
  }
}

// Kernel drivers that a DPDK driver works through: such a device is not taken from the kernel.
constexpr std::array<std::string_view, 7> kDpdkReadyDrivers = {
    "vfio-pci", "uio_pci_generic", "igb_uio", "mlx4_core", "mlx5_core", "mana", "hv_netvsc"};

void DiagnosePci(const PortConfig& port, const DeviceFacts& device, std::vector<std::string>& out) {
  const std::string_view name = DeviceName(port.device);
  if (!device.exists) {
    out.push_back(
        fmt::format("balancer.ports[{}].device: there is no PCI device {}; dpdk-devbind.py "
                    "--status lists those here",
                    port.name, name));
  } else if (device.driver.empty()) {
    out.push_back(fmt::format(
        "balancer.ports[{}].device: no driver is bound to {}: modprobe vfio-pci && dpdk-devbind.py "
        "--bind=vfio-pci {}",
        port.name, name, name));
  } else if (std::ranges::find(kDpdkReadyDrivers, device.driver) == kDpdkReadyDrivers.end()) {
    out.push_back(
        fmt::format("balancer.ports[{}].device: the kernel's driver {} holds {}: take it away with "
                    "dpdk-devbind.py "
                    "--bind=vfio-pci {} (the interface then vanishes from the kernel)",
                    port.name, device.driver, name, name));
  }
}

void DiagnoseVirtual(const PortConfig& port, const DeviceFacts& device, const HostFacts& host,
                     std::span<const std::string> log, std::vector<std::string>& out) {
  const std::string_view name = DeviceName(port.device);
  if (Logged(log, fmt::format("Unable to parse device '{}", name))) {
    out.push_back(
        fmt::format("balancer.ports[{}].device: {} names no driver that DPDK has; for an interface "
                    "of the kernel "
                    "write net_af_packet0,iface=NAME",
                    port.name, name));
    return;
  }
  const bool packet = name.starts_with("net_af_packet");
  const bool xdp = name.starts_with("net_af_xdp");
  if ((packet || xdp) && DeviceArgument(port.device, "iface").empty()) {
    out.push_back(fmt::format("balancer.ports[{}].device: {} needs an interface: {},iface=NAME",
                              port.name, name, name));
  } else if (!device.exists) {
    out.push_back(fmt::format(
        "balancer.ports[{}].device: there is no interface {} in this network namespace; it has {}",
        port.name, DeviceArgument(port.device, "iface"), fmt::join(host.interfaces, ", ")));
  }
  if ((packet || xdp) && !host.net_raw) {
    out.push_back(
        fmt::format("balancer.ports[{}].device: {} needs CAP_NET_RAW: run as root, or setcap "
                    "cap_net_raw,cap_net_admin"
                    "+ep joinery-lb",
                    port.name, name));
  }
  if ((xdp || name.starts_with("net_tap")) && !host.net_admin) {
    out.push_back(fmt::format(
        "balancer.ports[{}].device: {} needs CAP_NET_ADMIN: run as root, or setcap cap_net_raw,"
        "cap_net_admin+ep joinery-lb",
        port.name, name));
  }
}

}  // namespace

std::vector<std::string> Diagnose(const Balancer& balancer, const HostFacts& host,
                                  std::span<const std::string> log) {
  std::vector<std::string> advice;
  DiagnoseCpus(balancer, host, advice);
  for (size_t i = 0; i < balancer.ports.size() && i < host.devices.size(); ++i) {
    const PortConfig& port = balancer.ports[i];
    if (IsVirtualDevice(port.device)) {
      DiagnoseVirtual(port, host.devices[i], host, log, advice);
    } else {
      DiagnosePci(port, host.devices[i], advice);
    }
  }
  DiagnoseMemory(balancer, host, log, advice);
  if (advice.empty() && Logged(log, "Invalid 'command line' arguments")) {
    advice.push_back(fmt::format("balancer.eal_options: DPDK does not accept {}",
                                 fmt::join(balancer.eal_options, " ")));
  }
  return advice;
}

std::string ExplainFailure(const std::string& what, std::span<const std::string> advice,
                           std::span<const std::string> log) {
  std::string text = what;
  for (const std::string& line : advice) text += "\n  " + line;
  if (!log.empty()) text += "\n  DPDK's own last lines:";
  for (const std::string& line : log) text += "\n    " + line;
  return text;
}

}  // namespace joinery::dpdk
