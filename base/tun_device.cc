#include "base/tun_device.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>

#include <fmt/format.h>

#include <linux/if.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>

namespace joinery {

Expected<Descriptor> AttachTun(const std::string& name, std::string_view remedy) {
  if (name.empty() || name.size() >= IFNAMSIZ) {
    return Fail(fmt::format("'{}' is no interface name: 1 to {} characters", name, IFNAMSIZ - 1));
  }
  Descriptor tun(::open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK));
  if (!tun.valid()) return Fail(fmt::format("/dev/net/tun: {}", std::strerror(errno)));
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  std::memcpy(request.ifr_name, name.data(), name.size());
  if (::ioctl(tun.get(), TUNSETIFF, &request) < 0) {
    return Fail(fmt::format("{}: {}; {}", name, std::strerror(errno), remedy));
  }
  return tun;
}

}  // namespace joinery
