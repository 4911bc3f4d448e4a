#include "settings/words.h"

namespace joinery::settings {
namespace {

using std::string_view;

constexpr string_view kSteering[] = {"joinery", "five_tuple"};
constexpr string_view kIdle[] = {"poll", "sleep"};
constexpr string_view kLog[] = {"text", "json"};
constexpr string_view kHandshake[] = {"none", "derived", "explicit"};
constexpr string_view kAlgorithm[] = {"plain", "ff1"};
constexpr string_view kGenerationState[] = {"pending", "active", "draining"};
constexpr string_view kCookieRule[] = {"writing", "trusted", "draining"};
constexpr string_view kBackendState[] = {"up", "down", "draining", "failed"};
constexpr string_view kEncap[] = {"l2", "ipip", "gue"};
constexpr string_view kProtocol[] = {"tcp", "udp"};
constexpr string_view kFragments[] = {"drop", "by_address"};

}  // namespace

template <>
std::span<const string_view> WordsOf<Steering>() noexcept {
  return kSteering;
}
template <>
std::span<const string_view> WordsOf<Idle>() noexcept {
  return kIdle;
}
template <>
std::span<const string_view> WordsOf<Log>() noexcept {
  return kLog;
}
template <>
std::span<const string_view> WordsOf<Handshake>() noexcept {
  return kHandshake;
}
template <>
std::span<const string_view> WordsOf<Algorithm>() noexcept {
  return kAlgorithm;
}
template <>
std::span<const string_view> WordsOf<GenerationState>() noexcept {
  return kGenerationState;
}
template <>
std::span<const string_view> WordsOf<CookieRule>() noexcept {
  return kCookieRule;
}
template <>
std::span<const string_view> WordsOf<BackendState>() noexcept {
  return kBackendState;
}
template <>
std::span<const string_view> WordsOf<Encap>() noexcept {
  return kEncap;
}
template <>
std::span<const string_view> WordsOf<Protocol>() noexcept {
  return kProtocol;
}
template <>
std::span<const string_view> WordsOf<Fragments>() noexcept {
  return kFragments;
}

}  // namespace joinery::settings
