#include "control/health/tunnel_device.h"

#include <array>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <fmt/format.h>

#include "base/tun_device.h"

namespace joinery::health {
namespace {

constexpr size_t kMaxPacket = 65'536;

}  // namespace

// Outlives the device object while a read is under way.
struct TunnelDevice::Reader : std::enable_shared_from_this<Reader> {
  Reader(boost::asio::io_context& io, int device, OnPacket handler)
      : descriptor(io, device), on_packet(std::move(handler)) {}

  void Next() {
    descriptor.async_read_some(
        boost::asio::buffer(packet),
        [self = shared_from_this()](const boost::system::error_code& error, size_t length) {
          if (error || self->on_packet == nullptr) return;
          self->on_packet(std::span<const uint8_t>(self->packet).first(length));
          self->Next();
        });
  }

  boost::asio::posix::stream_descriptor descriptor;
  OnPacket on_packet;
  std::array<uint8_t, kMaxPacket> packet{};
};

Expected<std::unique_ptr<TunnelDevice>> TunnelDevice::Open(boost::asio::io_context& io,
                                                           const std::string& name,
                                                           OnPacket on_packet) {
  auto device = AttachTun(
      name, fmt::format("make it with: ip tuntap add dev {} mode tun user $(id -un)", name));
  if (!device) return tl::unexpected(device.error());
  auto reader = std::make_shared<Reader>(io, device->Release(), std::move(on_packet));
  reader->Next();
  return std::unique_ptr<TunnelDevice>(new TunnelDevice(std::move(reader)));
}

TunnelDevice::TunnelDevice(std::shared_ptr<Reader> reader) : reader_(std::move(reader)) {}

TunnelDevice::~TunnelDevice() {
  reader_->on_packet = nullptr;
  boost::system::error_code ignored;
  reader_->descriptor.close(ignored);
}

}  // namespace joinery::health
