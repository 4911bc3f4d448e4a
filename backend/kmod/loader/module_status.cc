#include "backend/kmod/loader/module_status.h"

#include <charconv>
#include <limits>

#include <fmt/format.h>

namespace joinery::kmod {
namespace {

using Numbers = std::map<std::string, uint64_t>;

// Takes the number out of the map; nullopt when it is not there or does not fit T.
template <typename T>
std::optional<T> Take(Numbers& numbers, const std::string& name) {
  const auto found = numbers.find(name);
  if (found == numbers.end() || found->second > std::numeric_limits<T>::max()) return std::nullopt;
  const T value = static_cast<T>(found->second);
  numbers.erase(found);
  return value;
}

}  // namespace

Expected<ModuleStatus> ParseStatus(std::string_view text) {
  Numbers numbers;
  bool has_scheme = false;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const size_t space = line.find(' ');
    if (space == std::string_view::npos) continue;
    const std::string name(line.substr(0, space));
    const std::string_view value = line.substr(space + 1);
    if (name == "scheme") has_scheme = value == "set";
    uint64_t number = 0;
    const auto [end, error] = std::from_chars(value.begin(), value.end(), number);
    if (error == std::errc() && end == value.end()) numbers[name] = number;
  }

  ModuleStatus status;
  const auto incarnation = Take<uint64_t>(numbers, "incarnation");
  if (!incarnation || *incarnation == 0) {
    return Fail("the module says no incarnation: it is older than this program");
  }
  status.incarnation = *incarnation;
  status.keys = Take<uint32_t>(numbers, "keys").value_or(0);
  if (has_scheme) {
    const auto pool = Take<uint32_t>(numbers, "pool");
    const auto backend = Take<uint16_t>(numbers, "backend");
    const auto codepoint = Take<uint8_t>(numbers, "codepoint");
    const auto serial = Take<uint64_t>(numbers, "serial");
    if (!pool || !backend || !codepoint || !serial) {
      return Fail("the module has a scheme and does not say which");
    }
    status.scheme =
        ActiveScheme{PoolId(*pool), BackendId(*backend), Codepoint(*codepoint), Serial(*serial)};
  }
  status.counters = std::move(numbers);
  return status;
}

}  // namespace joinery::kmod
