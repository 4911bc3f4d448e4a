// SHA-1 and SHA-256 of one 8-byte MPTCP key in network order (RFC 8684 section 3.2, RFC 6824
// section 3.2): a single block, so a CPU with SHA instructions needs neither a context nor a loop
// over the message. Balancers do this for each ACK with keys, samplers for each try.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "crypto/sha.h"

namespace joinery::crypto {

enum class ShaEngine : uint8_t {
  kOpenssl,  // crypto/sha.h on the key's bytes: the slow, obvious one
  kShaNi,    // SHA instructions
};

inline constexpr std::array kShaEngines = {ShaEngine::kOpenssl, ShaEngine::kShaNi};

// "openssl", "shani".
[[nodiscard]] std::string_view Name(ShaEngine engine) noexcept;

[[nodiscard]] bool IsSupported(ShaEngine engine) noexcept;
[[nodiscard]] ShaEngine BestShaEngine() noexcept;

// REQUIRE: IsSupported(engine).
[[nodiscard]] Sha1Digest Sha1OfKey(uint64_t key, ShaEngine engine = BestShaEngine()) noexcept;
[[nodiscard]] Sha256Digest Sha256OfKey(uint64_t key, ShaEngine engine = BestShaEngine()) noexcept;

}  // namespace joinery::crypto
