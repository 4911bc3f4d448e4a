// What every view's test does: take fields, write them over a buffer of 0xa5 (so that a byte that
// Emit forgets shows), and compare with the bytes they came from.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "wire/testing/packet_builder.h"

namespace joinery::wire::testing {

inline constexpr uint8_t kUnwritten = 0xa5;

// Calls `parse` with every proper prefix of `bytes`; each must be an error.
template <typename ParseFunction>
void ExpectEveryPrefixFails(const Bytes& bytes, const ParseFunction& parse) {
  for (size_t length = 0; length < bytes.size(); ++length) {
    // A copy of its own, so that AddressSanitizer sees a read past the end.
    const Bytes prefix(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_FALSE(parse(std::span<const uint8_t>(prefix)).has_value())
        << "a prefix of " << length << " bytes was accepted";
  }
}

// `emit` is called with a buffer as long as `bytes` and must make it equal to them.
template <typename EmitFunction>
void ExpectEmits(const Bytes& bytes, const EmitFunction& emit) {
  Bytes out(bytes.size(), kUnwritten);
  emit(std::span<uint8_t>(out));
  EXPECT_EQ(out, bytes);
}

}  // namespace joinery::wire::testing
