#include "settings/control_words.h"

namespace joinery::settings {
namespace {

using std::string_view;

constexpr string_view kAllDown[] = {"fail_open", "withdraw"};
constexpr string_view kCheckType[] = {"tcp", "http", "https", "mptcp"};
constexpr string_view kLogLevel[] = {"debug", "info", "warning", "error"};
constexpr string_view kLogFormat[] = {"text", "json"};

}  // namespace

template <>
std::span<const string_view> WordsOf<AllDown>() noexcept {
  return kAllDown;
}
template <>
std::span<const string_view> WordsOf<CheckType>() noexcept {
  return kCheckType;
}
template <>
std::span<const string_view> WordsOf<LogLevel>() noexcept {
  return kLogLevel;
}
template <>
std::span<const string_view> WordsOf<LogFormat>() noexcept {
  return kLogFormat;
}

}  // namespace joinery::settings
