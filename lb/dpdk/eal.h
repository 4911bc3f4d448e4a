// DPDK's environment: started once in a process, with arguments from the configuration.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/expected.h"
#include "lb/dpdk/eal_log.h"
#include "settings/config.h"

namespace joinery::dpdk {

// Owns the environment: when it goes, DPDK's memory, devices and worker threads go. The thread that
// starts it becomes the main lcore and is bound to its CPU.
class Eal {
 public:
  // Explains a failure with what is missing on this machine and how to mend it. DPDK cannot be
  // started twice in a process, also not after a failure.
  [[nodiscard]] static Expected<std::unique_ptr<Eal>> Start(const settings::Balancer& balancer);
  ~Eal();
  Eal(const Eal&) = delete;
  Eal& operator=(const Eal&) = delete;

  // `what` failed after the environment started: adds advice and DPDK's last lines.
  [[nodiscard]] Error Explain(const std::string& what) const;

  // The start is over: what DPDK logs from now on is printed.
  void Ready() { log_.StartPrinting(); }

 private:
  Eal(const settings::Balancer& balancer, std::vector<uint16_t> cpus);

  Expected<void> Init();

  settings::Balancer balancer_;
  std::vector<uint16_t> cpus_;  // that the process might use before it was bound to the main lcore
  EalLog log_;
  std::string file_prefix_;
  bool running_ = false;
};

}  // namespace joinery::dpdk
