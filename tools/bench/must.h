// How a benchmark ends when it cannot go on.
#pragma once

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/expected.h"

namespace joinery::bench {

[[noreturn]] inline void Die(std::string_view what) {
  fmt::print(stderr, "{}: {}\n", program_invocation_short_name, what);
  std::exit(EXIT_FAILURE);
}

template <typename T>
T Must(Expected<T> value) {
  if (!value) Die(value.error().message);
  return std::move(*value);
}

}  // namespace joinery::bench
