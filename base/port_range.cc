#include "base/port_range.h"

namespace joinery {

std::string ToString(const PortRange& ports) {
  if (ports == PortRange::All()) return "all";
  std::string text = std::to_string(ports.first.value());
  if (!ports.IsOne()) text += "-" + std::to_string(ports.last.value());
  return text;
}

}  // namespace joinery
