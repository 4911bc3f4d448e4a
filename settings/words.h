// The words of the configuration for the values of the model's enumerations.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "settings/config.h"

namespace joinery::settings {

enum class Protocol : uint8_t { kTcp, kUdp };  // of a Vip, whose model holds IPPROTO_*

// The word of the enumeration's value n is element n.
template <typename Enum>
[[nodiscard]] std::span<const std::string_view> WordsOf() noexcept;

template <>
std::span<const std::string_view> WordsOf<Steering>() noexcept;
template <>
std::span<const std::string_view> WordsOf<Idle>() noexcept;
template <>
std::span<const std::string_view> WordsOf<Log>() noexcept;
template <>
std::span<const std::string_view> WordsOf<Handshake>() noexcept;
template <>
std::span<const std::string_view> WordsOf<Algorithm>() noexcept;
template <>
std::span<const std::string_view> WordsOf<GenerationState>() noexcept;
template <>
std::span<const std::string_view> WordsOf<CookieRule>() noexcept;
template <>
std::span<const std::string_view> WordsOf<BackendState>() noexcept;
template <>
std::span<const std::string_view> WordsOf<Encap>() noexcept;
template <>
std::span<const std::string_view> WordsOf<Protocol>() noexcept;
template <>
std::span<const std::string_view> WordsOf<Fragments>() noexcept;

template <typename Enum>
[[nodiscard]] std::string_view ToWord(Enum value) noexcept {
  return WordsOf<Enum>()[static_cast<size_t>(value)];
}

}  // namespace joinery::settings
