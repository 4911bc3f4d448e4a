// The TUN device into which this host's routes lead what is sent from the checks' source addresses:
// the kernel's own sockets make the connections, and Carrier brings their packets to the backend.
// The device and its routes are the operator's (docs/operations.md); this only opens it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/expected.h"

namespace boost::asio {
class io_context;
}

namespace joinery::health {

class TunnelDevice {
 public:
  // Gets each IP packet; the bytes are valid during the call.
  using OnPacket = std::function<void(std::span<const uint8_t> packet)>;

  // Opens an existing device. The error says how to make it.
  [[nodiscard]] static Expected<std::unique_ptr<TunnelDevice>> Open(boost::asio::io_context& io,
                                                                    const std::string& name,
                                                                    OnPacket on_packet);
  TunnelDevice(const TunnelDevice&) = delete;
  TunnelDevice& operator=(const TunnelDevice&) = delete;
  ~TunnelDevice();

 private:
  struct Reader;
  explicit TunnelDevice(std::shared_ptr<Reader> reader);
  std::shared_ptr<Reader> reader_;
};

}  // namespace joinery::health
