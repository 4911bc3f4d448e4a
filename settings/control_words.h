// The words of the control daemon's configuration for the values of its enumerations; words.h has
// those that it shares with the balancer's.
#pragma once

#include <span>
#include <string_view>

#include "settings/control_config.h"
#include "settings/words.h"

namespace joinery::settings {

template <>
std::span<const std::string_view> WordsOf<AllDown>() noexcept;
template <>
std::span<const std::string_view> WordsOf<CheckType>() noexcept;
template <>
std::span<const std::string_view> WordsOf<LogLevel>() noexcept;
template <>
std::span<const std::string_view> WordsOf<LogFormat>() noexcept;

}  // namespace joinery::settings
