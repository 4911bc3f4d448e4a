// What fuzzers share: a check that holds in every build, and the round trip of a view.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "base/expected.h"
#include "wire/parse_error.h"

namespace joinery::fuzz {

using Bytes = std::vector<uint8_t>;
using Input = std::span<const uint8_t>;

inline void Check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

// Printing calls every accessor; the text must not be empty, so that the call is not removed.
inline void Print(const std::string& text) { Check(!text.empty(), "every view prints"); }

// The offset of an error lies in the input, or just behind it.
inline void CheckError(const wire::ParseError& error, Input input) {
  Check(error.offset <= input.size(), "a parse error's offset lies in the input");
  Print(ToString(error));
}

template <typename View>
size_t EncodedLength(const View& view) {
  if constexpr (requires { View::EncodedLength(view.fields()); }) {
    return View::EncodedLength(view.fields());
  } else {
    return View::kLength;
  }
}

template <typename View>
Bytes Emit(const View& view) {
  Bytes out(EncodedLength(view), 0xa5);
  if constexpr (requires { View::EncodedLength(view.fields()); }) {
    View::Emit(view.fields(), out);
  } else {
    View::Emit(view.fields(), std::span(out).template first<View::kLength>());
  }
  return out;
}

// What Parse accepted, Emit writes so that Parse reads the same again: emitting a second time gives
// the same bytes. (The first input may hold bits without a meaning, which Emit leaves out.)
template <typename View, typename ParseFunction>
void CheckRoundTrip(const View& view, const ParseFunction& parse, Input rest = {}) {
  Bytes once = Emit(view);
  const size_t header = once.size();
  once.insert(once.end(), rest.begin(), rest.end());
  const Expected<View, wire::ParseError> again = parse(Input(once));
  Check(again.has_value(), "what Emit wrote, Parse accepts");
  const Bytes twice = Emit(*again);
  Check(twice.size() == header && std::equal(twice.begin(), twice.end(), once.begin()),
        "Emit(Parse(Emit(fields))) is Emit(fields)");
}

}  // namespace joinery::fuzz
