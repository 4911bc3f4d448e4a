#include "wire/remove_addr.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace joinery::wire {

std::string ToString(const RemoveAddr& option) {
  return fmt::format("rm_addr address_id=[{}]", fmt::join(option.address_ids(), ","));
}

}  // namespace joinery::wire
