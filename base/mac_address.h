// Ethernet addresses (IEEE 802): six bytes, as on the wire.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace joinery {

struct MacAddress {
  std::array<uint8_t, 6> bytes{};

  // "02:00:5e:00:53:01", either case; nothing else.
  [[nodiscard]] static std::optional<MacAddress> Parse(std::string_view text);

  // The group bit: multicast, and broadcast too.
  [[nodiscard]] constexpr bool IsGroup() const noexcept { return (bytes[0] & 1) != 0; }

  friend bool operator==(const MacAddress&, const MacAddress&) noexcept = default;
};

inline constexpr MacAddress kBroadcastMac{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

[[nodiscard]] std::string ToString(const MacAddress& mac);

}  // namespace joinery
