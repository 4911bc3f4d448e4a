// From root to an ordinary user, once ports and sockets are open (credentials(7)). All threads of
// the process change. Of root's capabilities (capabilities(7)) only those stay that a running
// driver needs, and only on the threads that drivers work on: the calling one, which is DPDK's main
// lcore, and DPDK's interrupt thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include <sys/types.h>

#include "base/expected.h"

namespace joinery::dpdk {

struct User {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
};

// Bit i is capability i of linux/capability.h.
using Capabilities = uint64_t;

// The user of that name, if this process can become it: it is root, or that user already.
[[nodiscard]] Expected<User> FindUser(const std::string& name);

// What these drivers (rte_eth_dev_info.driver_name) need after their ports have started.
[[nodiscard]] Capabilities NeededWhileRunning(std::span<const std::string> drivers);

// Needs DPDK's environment. After an error the process must end: some threads may have changed.
[[nodiscard]] Expected<void> BecomeUser(const User& user, Capabilities keep);

}  // namespace joinery::dpdk
