#include "wire/mp_fail.h"

#include <fmt/format.h>

namespace joinery::wire {

std::string ToString(const MpFail& option) {
  return fmt::format("mp_fail dsn8={}", option.data_sequence_number());
}

}  // namespace joinery::wire
