// SipHash: a keyed 64-bit hash of short messages (Aumasson and Bernstein, "SipHash: a fast
// short-input PRF", 2012). Joinery hashes 5-tuples and cookies with SipHash-1-3.
// The key is two little-endian words, as in the paper; the result is the number that the paper
// writes as 8 little-endian bytes.
#pragma once

#include <cstdint>
#include <span>

#include "crypto/key128.h"

namespace joinery::crypto {

// One round a word, three at the end: for tables, where guessing gains little.
[[nodiscard]] uint64_t SipHash13(const Key128& key, std::span<const uint8_t> message) noexcept;

// Two and four: the paper's own proposal, for message authentication.
[[nodiscard]] uint64_t SipHash24(const Key128& key, std::span<const uint8_t> message) noexcept;

}  // namespace joinery::crypto
