// The argument list that DPDK's environment (rte_eal_init) gets for a configuration. Pure, so that
// tests need no DPDK.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "settings/config.h"

namespace joinery::dpdk {

// "net_af_packet0,iface=eth0" is a virtual device, which DPDK makes; "0000:01:00.0" is one on PCI,
// which it finds.
[[nodiscard]] bool IsVirtualDevice(std::string_view device);

// What rte_eth_dev_get_port_by_name wants: the device without its arguments.
[[nodiscard]] std::string_view DeviceName(std::string_view device);

// The value of one device argument ("iface" in "net_af_packet0,iface=eth0"); empty when absent.
[[nodiscard]] std::string_view DeviceArgument(std::string_view device, std::string_view key);

// The device with as many queues as there are lcores, where the driver makes them on request and
// the device does not say how many.
[[nodiscard]] std::string WithQueues(const std::string& device, size_t queues);

// Whether DPDK drives something on PCI: a port, or what the eal_options allow, such as a bond's
// members.
[[nodiscard]] bool NeedsPci(const settings::Balancer& balancer);

// Whether the user's eal_options say that there are no hugepages.
[[nodiscard]] bool HasNoHuge(const settings::Balancer& balancer);

// argv for rte_eal_init, program name included. `file_prefix` is this process's own, so that
// several run side by side. The user's eal_options come last: they win.
[[nodiscard]] std::vector<std::string> EalArguments(const settings::Balancer& balancer,
                                                    std::string_view file_prefix);

}  // namespace joinery::dpdk
