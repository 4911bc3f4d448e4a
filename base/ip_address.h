// IPv4 and IPv6 addresses and prefixes, in network order; text forms of RFC 4291 and RFC 5952.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace joinery {

enum class IpFamily : uint8_t { kIpv4 = 4, kIpv6 = 6 };

class IpAddress {
 public:
  // 0.0.0.0
  constexpr IpAddress() noexcept = default;

  [[nodiscard]] static IpAddress V4(std::span<const uint8_t, 4> bytes) noexcept {
    IpAddress a;
    std::memcpy(a.bytes_.data(), bytes.data(), 4);
    return a;
  }
  [[nodiscard]] static IpAddress V6(std::span<const uint8_t, 16> bytes) noexcept {
    IpAddress a;
    a.family_ = IpFamily::kIpv6;
    std::memcpy(a.bytes_.data(), bytes.data(), 16);
    return a;
  }
  // "198.18.0.1" or "2001:db8::1"; nothing else (no port, no zone, no prefix length).
  [[nodiscard]] static std::optional<IpAddress> Parse(std::string_view text);

  [[nodiscard]] constexpr IpFamily family() const noexcept { return family_; }
  [[nodiscard]] constexpr bool is_v4() const noexcept { return family_ == IpFamily::kIpv4; }
  // 4 or 16 bytes, as on the wire.
  [[nodiscard]] std::span<const uint8_t> bytes() const noexcept {
    return {bytes_.data(), is_v4() ? size_t{4} : size_t{16}};
  }
  // All 16; an IPv4 address is the first four, the rest is zero.
  [[nodiscard]] const std::array<uint8_t, 16>& storage() const noexcept { return bytes_; }

  [[nodiscard]] bool IsUnspecified() const noexcept { return bytes_ == std::array<uint8_t, 16>{}; }
  [[nodiscard]] bool IsMulticast() const noexcept {
    return is_v4() ? (bytes_[0] & 0xf0) == 0xe0 : bytes_[0] == 0xff;
  }

  friend bool operator==(const IpAddress&, const IpAddress&) noexcept = default;
  friend auto operator<=>(const IpAddress&, const IpAddress&) noexcept = default;

 private:
  std::array<uint8_t, 16> bytes_{};
  IpFamily family_ = IpFamily::kIpv4;
};

[[nodiscard]] std::string ToString(const IpAddress& address);

// An address with the length of its network part: "198.18.0.1/24".
struct IpPrefix {
  IpAddress address;   // as written: host bits are kept
  uint8_t length = 0;  // bits; 0..32 or 0..128

  [[nodiscard]] static std::optional<IpPrefix> Parse(std::string_view text);
  [[nodiscard]] bool Contains(const IpAddress& other) const noexcept;

  friend bool operator==(const IpPrefix&, const IpPrefix&) noexcept = default;
};

[[nodiscard]] std::string ToString(const IpPrefix& prefix);

}  // namespace joinery

template <>
struct std::hash<joinery::IpAddress> {
  size_t operator()(const joinery::IpAddress& a) const noexcept {
    return std::hash<std::string_view>{}(
        {reinterpret_cast<const char*>(a.storage().data()), a.storage().size()});
  }
};
