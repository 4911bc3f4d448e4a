#include "wire/mp_prio.h"

#include <fmt/format.h>

namespace joinery::wire {

std::string ToString(const MpPrio& option) {
  std::string text = fmt::format("mp_prio backup={:d}", option.backup());
  if (const auto id = option.address_id()) text += fmt::format(" address_id={}", *id);
  return text;
}

}  // namespace joinery::wire
