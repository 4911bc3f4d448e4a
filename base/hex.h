// Bytes as hexadecimal text and back. For printing and key files; not for the packet path.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace joinery {

// "1e0c10..." in lower case, no separators.
[[nodiscard]] std::string ToHex(std::span<const uint8_t> bytes);

// Two digits a byte, either case, nothing else; nullopt when a digit is bad or missing.
[[nodiscard]] std::optional<std::vector<uint8_t>> FromHex(std::string_view text);

}  // namespace joinery
