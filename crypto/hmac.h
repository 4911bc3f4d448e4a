// HMAC (RFC 2104) with SHA-1 and SHA-256: MP_JOIN's authentication, v0 and v1 (RFC 8684 section
// 3.2, RFC 6824 section 3.2). Comparing one with a peer's is EqualSecret's business.
#pragma once

#include <cstdint>
#include <span>

#include "crypto/sha.h"

namespace joinery::crypto {

[[nodiscard]] Sha1Digest HmacSha1(std::span<const uint8_t> key,
                                  std::span<const uint8_t> message) noexcept;
[[nodiscard]] Sha256Digest HmacSha256(std::span<const uint8_t> key,
                                      std::span<const uint8_t> message) noexcept;

// In a time that depends only on the lengths; false when they differ.
[[nodiscard]] bool EqualSecret(std::span<const uint8_t> a, std::span<const uint8_t> b) noexcept;

}  // namespace joinery::crypto
