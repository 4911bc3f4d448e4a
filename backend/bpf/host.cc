#include "backend/bpf/host.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <linux/bpf.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/statfs.h>

namespace joinery::bpf {
namespace {

struct Helper {
  bpf_func_id id;
  const char* name;
  const char* since;
};

constexpr Helper kHelpers[] = {
    {BPF_FUNC_skc_lookup_tcp, "bpf_skc_lookup_tcp", "5.2"},
    {BPF_FUNC_loop, "bpf_loop", "5.17"},
};

constexpr uint16_t kBareTypes[] = {ARPHRD_TUNNEL, ARPHRD_TUNNEL6, ARPHRD_SIT,  ARPHRD_IPGRE,
                                   ARPHRD_IP6GRE, ARPHRD_NONE,    ARPHRD_RAWIP};

std::string Reason(int error) { return std::strerror(error); }

}  // namespace

Expected<void> CheckKernel() {
  const int type = libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_SCHED_CLS, nullptr);
  if (type == -EPERM || (type == 0 && geteuid() != 0)) {
    return Fail(
        "BPF programs cannot be loaded: not permitted; run it as root, or with CAP_BPF and "
        "CAP_NET_ADMIN in the host's user namespace");
  }
  if (type != 1) {
    return Fail(
        fmt::format("BPF programs for tc cannot be loaded: {}; the kernel needs "
                    "CONFIG_BPF_SYSCALL and CONFIG_NET_CLS_BPF, and root may have lost its "
                    "right to bpf()",
                    type < 0 ? Reason(-type) : "the kernel refuses the simplest one"));
  }
  for (const Helper& helper : kHelpers) {
    if (libbpf_probe_bpf_helper(BPF_PROG_TYPE_SCHED_CLS, helper.id, nullptr) != 1) {
      return Fail(fmt::format("the kernel has no {} for tc programs; Linux has it since {}",
                              helper.name, helper.since));
    }
  }
  return {};
}

bool KernelShowsPackets() {
  btf* const kernel = btf__load_vmlinux_btf();
  if (libbpf_get_error(kernel) != 0) return false;
  const bool shows = btf__find_by_name_kind(kernel, "bpf_cast_to_kern_ctx", BTF_KIND_FUNC) > 0;
  btf__free(kernel);
  return shows;
}

Expected<void> CheckTimestamps(const std::string& path) {
  std::ifstream file(path);
  int value = 0;
  if (!(file >> value)) return Fail(fmt::format("{}: cannot be read", path));
  if (value != 0) return {};
  return Fail(
      fmt::format("{} is 0: without TCP timestamps there is no place for the cookie; "
                  "run sysctl -w net.ipv4.tcp_timestamps=1",
                  path));
}

Expected<void> CheckBpffs(const std::string& directory) {
  std::filesystem::path there = std::filesystem::absolute(directory).lexically_normal();
  std::error_code ignored;
  while (!std::filesystem::exists(there, ignored) && there.has_relative_path()) {
    there = there.parent_path();
  }
  struct statfs found {};
  if (statfs(there.c_str(), &found) != 0) {
    return Fail(fmt::format("{}: {}", there.string(), Reason(errno)));
  }
  if (found.f_type == BPF_FS_MAGIC) return {};
  return Fail(fmt::format("{}: maps can only be pinned on a bpffs; run mount -t bpf bpf {}",
                          directory, there == "/" ? "/sys/fs/bpf" : there.string()));
}

Expected<NetworkDevice> FindDevice(const std::string& name) {
  ifreq request{};
  if (name.empty() || name.size() >= sizeof(request.ifr_name)) {
    return Fail(fmt::format("device \"{}\": a name has 1..{} bytes", name, IFNAMSIZ - 1));
  }
  name.copy(request.ifr_name, name.size());
  const int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  bool answered = any >= 0 && ioctl(any, SIOCGIFINDEX, &request) == 0;
  const int index = request.ifr_ifindex;
  answered = answered && ioctl(any, SIOCGIFHWADDR, &request) == 0;
  const int error = errno;
  if (any >= 0) close(any);
  if (!answered) return Fail(fmt::format("device {}: {}", name, Reason(error)));
  const uint16_t type = request.ifr_hwaddr.sa_family;
  if (type == ARPHRD_ETHER || type == ARPHRD_LOOPBACK) return NetworkDevice{index, true};
  if (std::ranges::find(kBareTypes, type) != std::end(kBareTypes)) {
    return NetworkDevice{index, false};
  }
  return Fail(
      fmt::format("device {}: link type {} (ARPHRD of linux/if_arp.h) is neither Ethernet "
                  "nor without a header",
                  name, type));
}

}  // namespace joinery::bpf
