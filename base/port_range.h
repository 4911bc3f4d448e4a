// TCP or UDP ports that follow each other, both ends included; in host order.
#pragma once

#include <cstdint>
#include <string>

#include "base/ids.h"

namespace joinery {

struct PortRange {
  Port first;
  Port last;  // not below `first`

  [[nodiscard]] static constexpr PortRange One(Port port) noexcept { return {port, port}; }
  // Every port but 0, which is reserved (RFC 6335 section 6).
  [[nodiscard]] static constexpr PortRange All() noexcept { return {Port(1), Port(UINT16_MAX)}; }

  [[nodiscard]] constexpr bool IsOne() const noexcept { return first == last; }
  [[nodiscard]] constexpr bool Contains(Port port) const noexcept {
    return first <= port && port <= last;
  }
  [[nodiscard]] constexpr bool Overlaps(const PortRange& other) const noexcept {
    return first <= other.last && other.first <= last;
  }

  friend constexpr bool operator==(const PortRange&, const PortRange&) noexcept = default;
  friend constexpr auto operator<=>(const PortRange&, const PortRange&) noexcept = default;
};

// "443", "8000-8099", "all".
[[nodiscard]] std::string ToString(const PortRange& ports);

}  // namespace joinery
