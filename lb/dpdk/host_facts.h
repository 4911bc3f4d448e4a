// What this machine has of the things that DPDK needs; read only, and only to explain a failure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "settings/config.h"

namespace joinery::dpdk {

struct DeviceFacts {
  bool exists = true;       // the interface of a virtual device that names one, or the PCI device
  std::string driver = {};  // of a PCI device: the kernel's driver; empty when none is bound
};

struct HostFacts {
  uint64_t free_hugepages = 0;      // of all sizes
  std::vector<uint16_t> cpus = {};  // that this process may run on
  bool net_raw = true;              // CAP_NET_RAW in this network namespace
  bool net_admin = true;            // CAP_NET_ADMIN
  std::vector<std::string> interfaces = {};
  std::vector<DeviceFacts> devices = {};  // one for each port of the configuration
};

// The CPUs that this thread may run on. DPDK binds the thread that starts it to one.
[[nodiscard]] std::vector<uint16_t> AllowedCpus();

// `cpus` is what AllowedCpus said before DPDK was started.
[[nodiscard]] HostFacts ReadHostFacts(const settings::Balancer& balancer,
                                      std::vector<uint16_t> cpus);

}  // namespace joinery::dpdk
