// A TUN device in a network namespace, as one end of an emulated path.
#pragma once

#include <span>
#include <string>
#include <utility>

#include "base/descriptor.h"
#include "base/expected.h"
#include "tools/netpath/link.h"

namespace joinery::netpath {

class Tun {
 public:
  // `place` is NAMESPACE/DEVICE, or DEVICE in this process's own namespace. Makes the device unless
  // it exists; the error says what is missing. Needs CAP_NET_ADMIN, and CAP_SYS_ADMIN for another
  // namespace.
  [[nodiscard]] static Expected<Tun> Open(const std::string& place);

  [[nodiscard]] int descriptor() const noexcept { return descriptor_.get(); }

  // The next packet that the host has sent; empty when there is none.
  [[nodiscard]] Packet Read() const;

  // False when the host does not take it (the device is down).
  bool Write(std::span<const uint8_t> packet) const noexcept;

 private:
  explicit Tun(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}
  Descriptor descriptor_;
};

}  // namespace joinery::netpath
