#include "api/position_text.h"

#include <charconv>

#include <fmt/format.h>

namespace joinery::api {
namespace {

std::optional<uint64_t> ParseNumber(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string ToString(const Position& at) { return fmt::format("{}.{}", at.epoch, at.version); }

std::optional<Position> ParsePosition(std::string_view text) {
  const size_t dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto epoch = ParseNumber(text.substr(0, dot));
  const auto version = ParseNumber(text.substr(dot + 1));
  if (!epoch || !version) return std::nullopt;
  return Position{.epoch = *epoch, .version = *version};
}

}  // namespace joinery::api
