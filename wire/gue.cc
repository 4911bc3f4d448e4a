#include "wire/gue.h"

#include <cstring>

#include <fmt/format.h>

#include "base/hex.h"
#include "wire/ipv4.h"

namespace joinery::wire {

uint8_t GueView::proto_ctype() const noexcept {
  if (variant() == 0) return bytes_[kProtoCtype];
  // 0100 and 0110 are the versions that begin with the bits of variant 1; 0101 and 0111 are none.
  switch (bytes_[0] >> 4) {
    case 4:
      return kProtocolIpv4;
    case 6:
      return kProtocolIpv6;
    default:
      return 0;
  }
}

void GueView::Emit(const GueFields& fields, std::span<uint8_t> out) noexcept {
  if (fields.variant == 1) return;
  out[0] = static_cast<uint8_t>((fields.control ? kControl : 0) | fields.extensions.size() / 4);
  out[kProtoCtype] = fields.proto_ctype;
  StoreBe16(&out[kFlags], fields.flags);
  if (!fields.extensions.empty()) {
    std::memcpy(&out[kBaseLength], fields.extensions.data(), fields.extensions.size());
  }
}

std::string ToString(const GueView& gue) {
  std::string text = fmt::format("gue variant {} {} {}", gue.variant(),
                                 gue.control() ? "control" : "proto", gue.proto_ctype());
  if (gue.variant() == 1) return text;
  text += fmt::format(" flags 0x{:04x}", gue.flags());
  if (!gue.extensions().empty()) text += " private " + ToHex(gue.extensions());
  return text;
}

}  // namespace joinery::wire
