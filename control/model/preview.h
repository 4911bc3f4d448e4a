// What a configuration would do, before it does: for `joinctl config diff`. Changes nothing.
#pragma once

#include <string>
#include <vector>

#include "control/model/model.h"

namespace joinery::control {

enum class ChangeKind : uint8_t {
  kAdd,      // a pool, backend or balancer comes
  kRemove,   // one goes: a backend drains first
  kMove,     // a backend's address or encap changes: its connections end
  kChange,   // weight, VIPs, table, policy: no connection of another backend is touched
  kRefused,  // what would break connections or tokens; ConfigApplied does nothing of the whole
};

struct Change {
  ChangeKind kind = ChangeKind::kChange;
  std::string what;  // "web/b1"
  std::string why;   // "address 198.18.0.5 -> 198.18.0.6"; of a refusal: why, and what would do
  uint32_t connections = 0;  // that would end, as last reported

  friend bool operator==(const Change&, const Change&) noexcept = default;
};

// In the order of names. Empty: nothing to do.
[[nodiscard]] std::vector<Change> Preview(const Model& model, const ConfigApplied& config);

[[nodiscard]] std::string ToString(const Change& change);

}  // namespace joinery::control
