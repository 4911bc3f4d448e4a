#include "lb/steer/flow_hash.h"

#include <cstring>

#include "base/big_endian.h"
#include "crypto/siphash.h"

namespace joinery::steer {

std::span<const uint8_t> FlowBytes(const wire::PacketView& packet, FlowRoom& room) noexcept {
  const size_t address = packet.source.bytes().size();
  const size_t length = 2 * address + 4;
  // Without IPv4 options or IPv6 extensions the flow lies in the packet as it is: the addresses
  // end the IP header, the ports begin the next.
  const size_t addresses = packet.ip_offset + (packet.family == IpFamily::kIpv4 ? 12 : 8);
  if (packet.l4_offset == addresses + 2 * address) return packet.frame.subspan(addresses, length);
  return FlowBytes({.client = packet.source,
                    .vip = packet.destination,
                    .client_port = packet.source_port,
                    .vip_port = packet.destination_port},
                   room);
}

std::span<const uint8_t> FlowBytes(const FlowEnds& ends, FlowRoom& room) noexcept {
  const size_t address = ends.client.bytes().size();
  std::memcpy(room.data(), ends.client.storage().data(), address);
  std::memcpy(room.data() + address, ends.vip.storage().data(), address);
  StoreBe16(room.data() + 2 * address, ends.client_port.value());
  StoreBe16(room.data() + 2 * address + 2, ends.vip_port.value());
  return std::span(room).first(2 * address + 4);
}

uint64_t AddressHash(const crypto::Key128& secret, const IpAddress& client,
                     const IpAddress& vip) noexcept {
  constexpr Port kNone{0};
  FlowRoom room;
  const std::span<const uint8_t> flow =
      FlowBytes({.client = client, .vip = vip, .client_port = kNone, .vip_port = kNone}, room);
  return crypto::SipHash13(secret, flow.first(2 * client.bytes().size()));
}

uint64_t FlowHash(const crypto::Key128& secret, const wire::PacketView& packet) noexcept {
  FlowRoom room;
  return crypto::SipHash13(secret, FlowBytes(packet, room));
}

}  // namespace joinery::steer
