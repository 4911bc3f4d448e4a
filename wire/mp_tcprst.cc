#include "wire/mp_tcprst.h"

#include <fmt/format.h>

namespace joinery::wire {

std::string ToString(const MpTcpRst& option) {
  return fmt::format("mp_reset {}{}", option.reason(), option.transient() ? " flags[flag_t]" : "");
}

}  // namespace joinery::wire
