#include "wire/new_key.h"

#include <fmt/format.h>

namespace joinery::wire {

std::string ToString(const NewKey& option) {
  return fmt::format("new_key value={}", option.value());
}

}  // namespace joinery::wire
