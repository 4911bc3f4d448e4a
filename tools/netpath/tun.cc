#include "tools/netpath/tun.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include <linux/if.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>

namespace joinery::netpath {
namespace {

constexpr size_t kMaxPacket = 65'536;

std::string Reason() { return std::strerror(errno); }

// Closes what it holds.
class File {
 public:
  explicit File(const std::string& path, int flags) : descriptor_(::open(path.c_str(), flags)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  [[nodiscard]] int get() const noexcept { return descriptor_; }
  [[nodiscard]] int Release() noexcept { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

// A TUN device lives where the thread is when it attaches; afterwards the file alone counts.
Expected<int> Attach(const std::string& device) {
  if (device.empty() || device.size() >= IFNAMSIZ) {
    return Fail(fmt::format("'{}' is no interface name: 1 to {} characters", device, IFNAMSIZ - 1));
  }
  File tun("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (tun.get() < 0) return Fail(fmt::format("/dev/net/tun: {}", Reason()));
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  std::memcpy(request.ifr_name, device.data(), device.size());
  if (::ioctl(tun.get(), TUNSETIFF, &request) < 0) {
    return Fail(
        fmt::format("device {}: {}; root may make one, and none that is in use", device, Reason()));
  }
  return tun.Release();
}

Expected<int> AttachIn(const std::string& name, const std::string& device) {
  const std::string path = "/run/netns/" + name;
  const File own("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  const File other(path, O_RDONLY | O_CLOEXEC);
  if (other.get() < 0) {
    return Fail(fmt::format("{}: {}; make it with: ip netns add {}", path, Reason(), name));
  }
  if (::setns(other.get(), CLONE_NEWNET) < 0) return Fail(fmt::format("{}: {}", path, Reason()));
  auto attached = Attach(device);
  if (::setns(own.get(), CLONE_NEWNET) < 0) {
    if (attached) ::close(*attached);
    return Fail(fmt::format("back from {}: {}", path, Reason()));
  }
  return attached;
}

}  // namespace

Expected<Tun> Tun::Open(const std::string& place) {
  const size_t slash = place.find('/');
  const auto attached = slash == std::string::npos
                            ? Attach(place)
                            : AttachIn(place.substr(0, slash), place.substr(slash + 1));
  if (!attached) return tl::unexpected(attached.error());
  return Tun(*attached);
}

Tun::Tun(Tun&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

Tun::~Tun() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Packet Tun::Read() const {
  std::array<uint8_t, kMaxPacket> buffer;
  const ssize_t length = ::read(descriptor_, buffer.data(), buffer.size());
  if (length <= 0) return {};
  return {buffer.begin(), buffer.begin() + length};
}

bool Tun::Write(std::span<const uint8_t> packet) const noexcept {
  return ::write(descriptor_, packet.data(), packet.size()) == static_cast<ssize_t>(packet.size());
}

}  // namespace joinery::netpath
