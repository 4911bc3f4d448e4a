#include "wire/parse_error.h"

#include <fmt/format.h>

namespace joinery::wire {

std::string ToString(const ParseError& error) {
  return fmt::format("{} at {}: {}", Name(error.reason), error.offset, Text(error.reason));
}

}  // namespace joinery::wire
