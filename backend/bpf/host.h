// What the timestamp cookie needs of a host, found out before anything is attached. Each refusal
// says what is missing and what to do. docs/protocol.md section 5.
#pragma once

#include <cstdint>
#include <string>

#include "base/expected.h"

namespace joinery::bpf {

// Nothing when the kernel has what the programs call (6.1 has), and this process may load them.
[[nodiscard]] Expected<void> CheckKernel();

// Whether programs may look into the kernel's own packet structure (bpf_cast_to_kern_ctx,
// since 6.2); without it they work and take longer.
[[nodiscard]] bool KernelShowsPackets();

// Nothing when `path` (/proc/sys/net/ipv4/tcp_timestamps) allows timestamps: without them there is
// nothing to write into. The file speaks for the network namespace of the process.
[[nodiscard]] Expected<void> CheckTimestamps(
    const std::string& path = "/proc/sys/net/ipv4/tcp_timestamps");

// Nothing when maps can be pinned in this directory: it, or what it will be made in, is on a bpffs.
[[nodiscard]] Expected<void> CheckBpffs(const std::string& directory);

struct NetworkDevice {
  int index;
  bool ethernet;  // its packets have an Ethernet header; else they begin with IP's
};

// A device of the process's network namespace. Refuses one that does not exist and one with another
// link header.
[[nodiscard]] Expected<NetworkDevice> FindDevice(const std::string& name);

}  // namespace joinery::bpf
