#include "lb/dpdk/eal_arguments.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace joinery::dpdk {
namespace {

constexpr std::string_view kVdev = "--vdev=";

}  // namespace

bool IsVirtualDevice(std::string_view device) {
  // DPDK names virtual devices after their driver (net_tap0, eth_bond1); other buses' names start
  // with a number (PCI) or with the bus and a colon.
  const std::string_view name = DeviceName(device);
  return !name.empty() && std::isalpha(static_cast<unsigned char>(name.front())) != 0 &&
         name.find(':') == std::string_view::npos;
}

std::string_view DeviceName(std::string_view device) { return device.substr(0, device.find(',')); }

std::string_view DeviceArgument(std::string_view device, std::string_view key) {
  while (true) {
    const size_t comma = device.find(',');
    if (comma == std::string_view::npos) return {};
    device.remove_prefix(comma + 1);
    const std::string_view pair = device.substr(0, device.find(','));
    if (pair.size() > key.size() && pair.starts_with(key) && pair[key.size()] == '=') {
      return pair.substr(key.size() + 1);
    }
  }
}

std::string WithQueues(const std::string& device, size_t queues) {
  if (queues < 2) return device;
  const auto has = [&](std::string_view key) { return !DeviceArgument(device, key).empty(); };
  if (device.starts_with("net_af_packet") && !has("qpairs")) {
    return fmt::format("{},qpairs={}", device, queues);
  }
  if (device.starts_with("net_af_xdp") && !has("queue_count")) {
    return fmt::format("{},queue_count={}", device, queues);
  }
  return device;
}

bool NeedsPci(const settings::Balancer& balancer) {
  const auto is_pci = [](const settings::PortConfig& port) {
    return !IsVirtualDevice(port.device);
  };
  const auto allows = [](const std::string& option) {
    return option.starts_with("-a") || option.starts_with("--allow");
  };
  return std::ranges::any_of(balancer.ports, is_pci) ||
         std::ranges::any_of(balancer.eal_options, allows);
}

bool HasNoHuge(const settings::Balancer& balancer) {
  return std::ranges::find(balancer.eal_options, "--no-huge") != balancer.eal_options.end();
}

std::vector<std::string> EalArguments(const settings::Balancer& balancer,
                                      std::string_view file_prefix) {
  std::vector<std::string> arguments = {
      "joinery-lb", "-l", fmt::format("{}", fmt::join(balancer.lcores, ",")),
      // The first one given stays the main lcore, whatever the numbers.
      "--main-lcore", std::to_string(balancer.lcores.front()),
      // Nothing listens: our own socket has the counters.
      "--no-telemetry", fmt::format("--file-prefix={}", file_prefix),
      // Nothing on disk outlives the process. Without hugepages DPDK refuses --in-memory, whose
      // part
      // --no-shconf then is enough.
      HasNoHuge(balancer) ? "--no-shconf" : "--in-memory"};
  for (const settings::PortConfig& port : balancer.ports) {
    if (IsVirtualDevice(port.device)) {
      arguments.push_back("--vdev=" + WithQueues(port.device, balancer.lcores.size()));
    } else {
      arguments.push_back("--allow=" + port.device);
    }
  }
  // Without it DPDK looks at every NIC of the machine, and complains of those it cannot have.
  if (!NeedsPci(balancer)) arguments.push_back("--no-pci");
  for (const std::string& option : balancer.eal_options) {
    // A bond's members need as many queues as the bond.
    const bool device = option.starts_with(kVdev);
    arguments.push_back(device ? std::string(kVdev) +
                                     WithQueues(option.substr(kVdev.size()), balancer.lcores.size())
                               : option);
  }
  return arguments;
}

}  // namespace joinery::dpdk
