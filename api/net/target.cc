#include "api/net/target.h"

#include <algorithm>

namespace joinery::api {
namespace {

constexpr char kDigits[] = "0123456789ABCDEF";

int HexDigit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool IsUnreserved(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

bool IsControl(char c) noexcept { return static_cast<uint8_t>(c) < 0x20 || c == 0x7f; }

// The part up to `separator`, which is taken off `rest` with it.
std::string_view Next(std::string_view& rest, char separator) noexcept {
  const size_t end = rest.find(separator);
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return part;
}

bool AddSegments(std::string_view path, Target& target) {
  while (!path.empty()) {
    const auto segment = PercentDecode(Next(path, '/'));
    if (!segment || *segment == "." || *segment == "..") return false;
    if (segment->empty()) return false;
    target.segments.push_back(*segment);
  }
  return true;
}

bool AddQuery(std::string_view query, Target& target) {
  while (!query.empty()) {
    std::string_view pair = Next(query, '&');
    if (pair.empty()) continue;
    const auto name = PercentDecode(Next(pair, '='));
    const auto value = PercentDecode(pair);
    if (!name || !value) return false;
    target.query.emplace_back(*name, *value);
  }
  return true;
}

}  // namespace

std::optional<std::string> PercentDecode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (text.size() - i < 3) return std::nullopt;
      const int high = HexDigit(text[i + 1]);
      const int low = HexDigit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high << 4 | low);
      i += 2;
    }
    if (IsControl(c)) return std::nullopt;
    decoded += c;
  }
  return decoded;
}

std::string PercentEncode(std::string_view text) {
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    if (IsUnreserved(c)) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<uint8_t>(c);
    encoded += '%';
    encoded += kDigits[byte >> 4];
    encoded += kDigits[byte & 0xf];
  }
  return encoded;
}

std::optional<Target> ParseTarget(std::string_view text) {
  if (!text.starts_with('/')) return std::nullopt;
  std::string_view rest = text.substr(1);
  const std::string_view path = Next(rest, '?');
  Target target;
  if (!AddSegments(path, target) || !AddQuery(rest, target)) return std::nullopt;
  return target;
}

}  // namespace joinery::api
