// Which ports are taken, and by what line of the file: ranges that must not overlap.
#pragma once

#include <iterator>
#include <map>

#include "base/port_range.h"
#include "settings/yaml_tree.h"

namespace joinery::settings {

class PortClaims {
 public:
  struct Claim {
    PortRange ports;
    Position at;
  };

  // Null when `ports` are free, and takes them; else a claim that they overlap.
  [[nodiscard]] const Claim* Take(const PortRange& ports, Position at) {
    // Claims do not overlap, so of those that begin early enough only the last can end too late.
    const auto after = by_first_.upper_bound(ports.last);
    if (after != by_first_.begin()) {
      const Claim& before = std::prev(after)->second;
      if (before.ports.Overlaps(ports)) return &before;
    }
    by_first_.emplace_hint(after, ports.first, Claim{ports, at});
    return nullptr;
  }

 private:
  std::map<Port, Claim> by_first_;
};

}  // namespace joinery::settings
