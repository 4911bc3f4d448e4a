// A value or the reason why there is none. Factories return it; a constructed object is valid.
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace joinery {

// An error for people: the rule that was broken, the value found and the range allowed.
struct Error {
  std::string message;
};

template <typename T, typename E = Error>
using Expected = tl::expected<T, E>;

using tl::unexpected;

// `return Fail("id 9 is too large; allowed 0..7");` from any function that returns Expected<T>.
[[nodiscard]] inline tl::unexpected<Error> Fail(std::string message) {
  return tl::unexpected<Error>(Error{std::move(message)});
}

}  // namespace joinery
