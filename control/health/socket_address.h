// An IP address and port as the kernel's socket calls take them.
#pragma once

#include <cstring>

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/big_endian.h"
#include "base/ids.h"
#include "base/ip_address.h"

namespace joinery::health {

class SocketAddress {
 public:
  SocketAddress(const IpAddress& address, Port port) noexcept {
    const auto bytes = address.bytes();
    if (address.is_v4()) {
      storage_.v4.sin_family = AF_INET;
      StoreBe16(reinterpret_cast<uint8_t*>(&storage_.v4.sin_port), port.value());
      std::memcpy(&storage_.v4.sin_addr, bytes.data(), bytes.size());
      length_ = sizeof(sockaddr_in);
    } else {
      storage_.v6.sin6_family = AF_INET6;
      StoreBe16(reinterpret_cast<uint8_t*>(&storage_.v6.sin6_port), port.value());
      std::memcpy(&storage_.v6.sin6_addr, bytes.data(), bytes.size());
      length_ = sizeof(sockaddr_in6);
    }
  }

  [[nodiscard]] int family() const noexcept { return storage_.any.sa_family; }
  [[nodiscard]] const sockaddr* get() const noexcept { return &storage_.any; }
  [[nodiscard]] socklen_t length() const noexcept { return length_; }

 private:
  union {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
  } storage_{.v6 = {}};
  socklen_t length_ = 0;
};

}  // namespace joinery::health
