#include "lb/steer/flow_hash.h"

#include <array>
#include <cstring>

#include "base/big_endian.h"
#include "crypto/siphash.h"

namespace joinery::steer {

uint64_t FlowHash(const crypto::Key128& secret, const wire::PacketView& packet) noexcept {
  std::array<uint8_t, 36> message;
  const size_t address = packet.source.bytes().size();
  std::memcpy(message.data(), packet.source.storage().data(), address);
  std::memcpy(message.data() + address, packet.destination.storage().data(), address);
  StoreBe16(message.data() + 2 * address, packet.source_port.value());
  StoreBe16(message.data() + 2 * address + 2, packet.destination_port.value());
  return crypto::SipHash13(secret, std::span(message).first(2 * address + 4));
}

}  // namespace joinery::steer
