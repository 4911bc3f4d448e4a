#include "tools/netpath/tun.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "base/tun_device.h"

namespace joinery::netpath {
namespace {

constexpr size_t kMaxPacket = 65'536;

std::string Reason() { return std::strerror(errno); }

// A TUN device lives where the thread is when it attaches; afterwards the file alone counts.
Expected<Descriptor> Attach(const std::string& device) {
  return AttachTun(device, "root may make one, and none that is in use");
}

Expected<Descriptor> AttachIn(const std::string& name, const std::string& device) {
  const std::string path = "/run/netns/" + name;
  const Descriptor own(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  const Descriptor other(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!other.valid()) {
    return Fail(fmt::format("{}: {}; make it with: ip netns add {}", path, Reason(), name));
  }
  if (::setns(other.get(), CLONE_NEWNET) < 0) return Fail(fmt::format("{}: {}", path, Reason()));
  auto attached = Attach(device);
  if (::setns(own.get(), CLONE_NEWNET) < 0) {
    return Fail(fmt::format("back from {}: {}", path, Reason()));
  }
  return attached;
}

}  // namespace

Expected<Tun> Tun::Open(const std::string& place) {
  const size_t slash = place.find('/');
  auto attached = slash == std::string::npos
                      ? Attach(place)
                      : AttachIn(place.substr(0, slash), place.substr(slash + 1));
  if (!attached) return tl::unexpected(attached.error());
  return Tun(*std::move(attached));
}

Packet Tun::Read() const {
  std::array<uint8_t, kMaxPacket> buffer;
  const ssize_t length = ::read(descriptor_.get(), buffer.data(), buffer.size());
  if (length <= 0) return {};
  return {buffer.begin(), buffer.begin() + length};
}

bool Tun::Write(std::span<const uint8_t> packet) const noexcept {
  return ::write(descriptor_.get(), packet.data(), packet.size()) ==
         static_cast<ssize_t>(packet.size());
}

}  // namespace joinery::netpath
