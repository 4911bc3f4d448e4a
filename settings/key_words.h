// Types and rules that many rows of the key tables share.
#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "settings/limits.h"
#include "settings/name.h"

namespace joinery::settings {

inline constexpr std::string_view kNumberType = "whole number";
inline constexpr std::string_view kWordType = "word";
inline constexpr std::string_view kNameType = "name";
inline constexpr std::string_view kSectionType = "section";
inline constexpr std::string_view kPathType = "path";
inline constexpr std::string_view kEndpointType = "address and port";
inline constexpr std::string_view kKeyFileType = "path of a key file";

[[nodiscard]] inline std::string TextRule() {
  return fmt::format("1..{} printable ASCII characters", kMaxTextBytes);
}

[[nodiscard]] inline std::string KeyFileRule() {
  return "a file of 32 hexadecimal digits that only its owner may read; relative to this file";
}

[[nodiscard]] inline std::string PathRule(size_t max_bytes) {
  return fmt::format("an absolute path of at most {} bytes", max_bytes);
}

[[nodiscard]] inline std::string EndpointRule() {
  return "such as 198.18.0.5:7443 or [2001:db8::5]:7443";
}

}  // namespace joinery::settings
