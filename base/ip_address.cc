#include "base/ip_address.h"

#include <charconv>

#include <arpa/inet.h>

namespace joinery {

std::optional<IpAddress> IpAddress::Parse(std::string_view text) {
  const std::string terminated(text);
  if (terminated.find('\0') != std::string::npos)
    return std::nullopt;  // inet_pton would stop there
  std::array<uint8_t, 16> raw{};
  if (inet_pton(AF_INET, terminated.c_str(), raw.data()) == 1) {
    return V4(std::span<const uint8_t, 16>(raw).first<4>());
  }
  if (inet_pton(AF_INET6, terminated.c_str(), raw.data()) == 1) return V6(raw);
  return std::nullopt;
}

std::string ToString(const IpAddress& address) {
  char text[INET6_ADDRSTRLEN];
  const int af = address.is_v4() ? AF_INET : AF_INET6;
  inet_ntop(af, address.bytes().data(), text, sizeof text);
  return text;
}

std::optional<IpPrefix> IpPrefix::Parse(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::optional<IpAddress> address = IpAddress::Parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const std::string_view digits = text.substr(slash + 1);
  uint8_t length = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  if (length > address->bytes().size() * 8) return std::nullopt;
  return IpPrefix{*address, length};
}

bool IpPrefix::Contains(const IpAddress& other) const noexcept {
  if (other.family() != address.family()) return false;
  const size_t whole = length / 8U;
  if (std::memcmp(address.bytes().data(), other.bytes().data(), whole) != 0) return false;
  if (length % 8 == 0) return true;
  const auto mask = static_cast<uint8_t>(0xff00U >> (length % 8));
  return ((address.bytes()[whole] ^ other.bytes()[whole]) & mask) == 0;
}

std::string ToString(const IpPrefix& prefix) {
  return ToString(prefix.address) + "/" + std::to_string(prefix.length);
}

}  // namespace joinery
