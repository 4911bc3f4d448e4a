#include "base/mac_address.h"

#include "base/hex.h"

namespace joinery {

std::optional<MacAddress> MacAddress::Parse(std::string_view text) {
  MacAddress mac;
  if (text.size() != 17) return std::nullopt;
  for (size_t i = 0; i < mac.bytes.size(); ++i) {
    if (i > 0 && text[i * 3 - 1] != ':') return std::nullopt;
    const auto byte = FromHex(text.substr(i * 3, 2));
    if (!byte) return std::nullopt;
    mac.bytes[i] = byte->front();
  }
  return mac;
}

std::string ToString(const MacAddress& mac) {
  std::string text;
  for (const uint8_t byte : mac.bytes) {
    if (!text.empty()) text += ':';
    text += ToHex({&byte, 1});
  }
  return text;
}

}  // namespace joinery
