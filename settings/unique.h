// "Used twice": values that may occur once.
#pragma once

#include <map>

#include <fmt/format.h>

#include "settings/yaml_reader.h"

namespace joinery::settings {

template <typename T>
class Unique {
 public:
  // False, and reported at `where`, when the value was added before. A value with an error of its
  // own is left out, so that one mistake is told once.
  bool Add(const ValueReader& where, const T& value) {
    if (!where.Valid()) return false;
    const auto [first, fresh] = seen_.try_emplace(value, where.at());
    if (!fresh) {
      where.Fail(
          fmt::format("{} is used twice; first in line {}", where.Shown(), first->second.line));
    }
    return fresh;
  }
  // The same for the value of a mapping's key; an absent one is left out.
  bool Add(const MapReader& map, std::string_view key, const T& value) {
    const auto where = map.Find(key);
    return where && Add(*where, value);
  }

 private:
  std::map<T, Position> seen_;
};

}  // namespace joinery::settings
