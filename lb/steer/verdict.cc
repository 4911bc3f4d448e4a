#include "lb/steer/verdict.h"

#include <array>

namespace joinery::steer {

std::string_view Name(Action action) noexcept {
  constexpr std::array<std::string_view, kActionCount> kNames = {"forward", "drop", "local",
                                                                 "copy"};
  return kNames[static_cast<size_t>(action)];
}

}  // namespace joinery::steer
