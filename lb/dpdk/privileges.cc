#include "lb/dpdk/privileges.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <grp.h>
#include <pwd.h>
#include <string_view>
#include <unistd.h>

#include <fmt/format.h>
#include <rte_alarm.h>

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

namespace joinery::dpdk {
namespace {

constexpr Capabilities Bit(int capability) { return Capabilities{1} << capability; }

// By the beginning of the driver's name.
struct Need {
  std::string_view driver;
  Capabilities capabilities;
};
constexpr std::array kNeeds = {
    // Gives its members its own MAC address when another one takes over.
    Need{"net_bonding", Bit(CAP_NET_ADMIN)},
    // Takes its program off the interface at the end.
    Need{"net_af_xdp", Bit(CAP_NET_ADMIN)},
    // Work through the kernel's driver, which asks at each change of a queue or filter.
    Need{"mlx4", Bit(CAP_NET_ADMIN) | Bit(CAP_NET_RAW)},
    Need{"net_mlx4", Bit(CAP_NET_ADMIN) | Bit(CAP_NET_RAW)},
    Need{"mlx5", Bit(CAP_NET_ADMIN) | Bit(CAP_NET_RAW)},
};

tl::unexpected<Error> Cannot(const User& user, std::string_view step) {
  return Fail(fmt::format("balancer.user: cannot become {}: {}: {}", user.name, step,
                          std::strerror(errno)));
}

// Of the calling thread alone. The kernel's own interface: the library for it, libcap, would be
// needed for this one call.
bool SetCapabilities(Capabilities keep) noexcept {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> words{};
  for (size_t i = 0; i < words.size(); ++i) {
    words[i].permitted = static_cast<uint32_t>(keep >> (32 * i));
    words[i].effective = words[i].permitted;
  }
  return syscall(SYS_capset, &header, words.data()) == 0;
}

// An alarm of DPDK's runs on its interrupt thread, as bonding's watch over its members does. Waits
// for the answer, but not for ever.
bool OnInterruptThread(const std::function<bool()>& act) {
  constexpr std::chrono::seconds kPatience{5};
  struct Errand {
    std::function<bool()> act;
    std::promise<bool> done;
  };
  // Not on this stack: the thread may come late.
  auto* errand = new Errand{act, {}};
  std::future<bool> done = errand->done.get_future();
  const auto run = [](void* argument) {
    const std::unique_ptr<Errand> mine(static_cast<Errand*>(argument));
    mine->done.set_value(mine->act());
  };
  if (rte_eal_alarm_set(1, run, errand) != 0) {
    delete errand;
    return false;
  }
  return done.wait_for(kPatience) == std::future_status::ready && done.get();
}

bool KeepThroughChange() { return prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0; }

// What /proc says of a thread: "Uid:" gives four numbers, "CapPrm:" one in hexadecimal.
bool HasChanged(const std::filesystem::path& status, const User& user, Capabilities keep) {
  std::ifstream file(status);
  int agreed = 0;
  for (std::string key; file >> key;) {
    if (key == "Uid:") {
      std::array<uid_t, 4> ids{};
      for (uid_t& id : ids) file >> id;
      agreed += ids == std::array<uid_t, 4>{user.uid, user.uid, user.uid, user.uid};
    } else if (key == "CapPrm:") {
      Capabilities permitted = 0;
      file >> std::hex >> permitted >> std::dec;
      agreed += (permitted & ~keep) == 0;
    }
  }
  return agreed == 2;
}

Expected<void> CheckAllThreads(const User& user, Capabilities keep) {
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    if (HasChanged(task.path() / "status", user, keep)) continue;
    return Fail(fmt::format("balancer.user: thread {} did not become {}",
                            task.path().filename().string(), user.name));
  }
  return {};
}

}  // namespace

Expected<User> FindUser(const std::string& name) {
  std::array<char, 4096> room{};
  passwd entry{};
  passwd* found = nullptr;
  getpwnam_r(name.c_str(), &entry, room.data(), room.size(), &found);
  if (found == nullptr) {
    return Fail(
        fmt::format("balancer.user: there is no user {}; adduser --system --group {} makes "
                    "one",
                    name, name));
  }
  if (geteuid() != 0 && geteuid() != entry.pw_uid) {
    return Fail(
        fmt::format("balancer.user: only root can become {}; this process is user {}: start "
                    "it as root, or as {}",
                    name, geteuid(), name));
  }
  return User{.name = name, .uid = entry.pw_uid, .gid = entry.pw_gid};
}

Capabilities NeededWhileRunning(std::span<const std::string> drivers) {
  Capabilities needed = 0;
  for (const std::string& driver : drivers) {
    for (const Need& need : kNeeds) {
      if (driver.starts_with(need.driver)) needed |= need.capabilities;
    }
  }
  return needed;
}

Expected<void> BecomeUser(const User& user, Capabilities keep) {
  if (geteuid() == user.uid) return {};  // started as that user: nothing to give away
  const bool keeps = keep != 0;
  if (keeps && !(KeepThroughChange() && OnInterruptThread(KeepThroughChange))) {
    return Cannot(user, "keep capabilities");
  }
  // The C library makes each of these on all threads.
  if (initgroups(user.name.c_str(), user.gid) != 0) return Cannot(user, "set its groups");
  if (setresgid(user.gid, user.gid, user.gid) != 0) return Cannot(user, "set its group");
  if (setresuid(user.uid, user.uid, user.uid) != 0) return Cannot(user, "set the user");
  const auto reduce = [keep] { return SetCapabilities(keep); };
  if (keeps && !(reduce() && OnInterruptThread(reduce))) {
    return Cannot(user, "give capabilities away");
  }
  return CheckAllThreads(user, keep);
}

}  // namespace joinery::dpdk
