#include "wire/ipv4.h"

#include <cstring>

#include <fmt/format.h>

#include "base/hex.h"

namespace joinery::wire {

Ipv4Fields Ipv4View::fields() const noexcept {
  return {.type_of_service = type_of_service(),
          .total_length = total_length(),
          .identification = identification(),
          .flags = flags(),
          .fragment_offset = fragment_offset(),
          .time_to_live = time_to_live(),
          .protocol = protocol(),
          .header_checksum = header_checksum(),
          .source = source(),
          .destination = destination(),
          .options = options()};
}

void Ipv4View::Emit(const Ipv4Fields& fields, std::span<uint8_t> out) noexcept {
  out[0] = static_cast<uint8_t>(0x40 | EncodedLength(fields) / 4);
  out[kTypeOfService] = fields.type_of_service;
  StoreBe16(&out[kTotalLength], fields.total_length);
  StoreBe16(&out[kIdentification], fields.identification);
  StoreBe16(&out[kFlagsAndOffset],
            static_cast<uint16_t>(fields.flags << 13 | (fields.fragment_offset & 0x1fff)));
  out[kTimeToLive] = fields.time_to_live;
  out[kProtocol] = fields.protocol;
  StoreBe16(&out[kHeaderChecksum], fields.header_checksum);
  std::memcpy(&out[kSource], fields.source.storage().data(), 4);
  std::memcpy(&out[kDestination], fields.destination.storage().data(), 4);
  if (!fields.options.empty()) {
    std::memcpy(&out[kMinLength], fields.options.data(), fields.options.size());
  }
}

std::string ToString(const Ipv4View& ip) {
  std::string text =
      fmt::format("ipv4 {} > {}: ttl {} id {} len {} proto {}", ToString(ip.source()),
                  ToString(ip.destination()), ip.time_to_live(), ip.identification(),
                  ip.total_length(), ip.protocol());
  if ((ip.flags() & Ipv4View::kDontFragment) != 0) text += " [DF]";
  if ((ip.flags() & Ipv4View::kMoreFragments) != 0) text += " [MF]";
  if (ip.fragment_offset() != 0) text += fmt::format(" frag {}", ip.fragment_offset() * 8);
  if (!ip.options().empty()) text += " options " + ToHex(ip.options());
  return text;
}

}  // namespace joinery::wire
