// SHA-1 and SHA-256 (FIPS 180-4). MPTCP v0 hashes keys with SHA-1, v1 with SHA-256.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace joinery::crypto {

using Sha1Digest = std::array<uint8_t, 20>;
using Sha256Digest = std::array<uint8_t, 32>;

[[nodiscard]] Sha1Digest Sha1(std::span<const uint8_t> message) noexcept;
[[nodiscard]] Sha256Digest Sha256(std::span<const uint8_t> message) noexcept;

}  // namespace joinery::crypto
