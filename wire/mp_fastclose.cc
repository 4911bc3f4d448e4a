#include "wire/mp_fastclose.h"

#include <fmt/format.h>

namespace joinery::wire {

std::string ToString(const MpFastclose& option) {
  return fmt::format("mp_fastclose key={}", option.receiver_key());
}

}  // namespace joinery::wire
