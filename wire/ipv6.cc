#include "wire/ipv6.h"

#include <cstring>

#include <fmt/format.h>

namespace joinery::wire {

Ipv6Fields Ipv6View::fields() const noexcept {
  return {.traffic_class = traffic_class(),
          .flow_label = flow_label(),
          .payload_length = payload_length(),
          .next_header = next_header(),
          .hop_limit = hop_limit(),
          .source = source(),
          .destination = destination()};
}

void Ipv6View::Emit(const Ipv6Fields& fields, std::span<uint8_t, kLength> out) noexcept {
  StoreBe32(&out[0], 6U << 28 | static_cast<uint32_t>(fields.traffic_class) << 20 |
                         (fields.flow_label & 0xfffff));
  StoreBe16(&out[kPayloadLength], fields.payload_length);
  out[kNextHeader] = fields.next_header;
  out[kHopLimit] = fields.hop_limit;
  std::memcpy(&out[kSource], fields.source.storage().data(), 16);
  std::memcpy(&out[kDestination], fields.destination.storage().data(), 16);
}

std::string ToString(const Ipv6View& ip) {
  return fmt::format("ipv6 {} > {}: hlim {} flow 0x{:05x} len {} next {}", ToString(ip.source()),
                     ToString(ip.destination()), ip.hop_limit(), ip.flow_label(),
                     ip.payload_length(), ip.next_header());
}

}  // namespace joinery::wire
