// The SHA-NI engine behind crypto/sha_key.h. Only sha_key.cc calls it, after asking the CPU.
#pragma once

#include <cstdint>

#include "crypto/sha.h"

namespace joinery::crypto::shani {

[[nodiscard]] Sha1Digest Sha1OfKey(uint64_t key) noexcept;
[[nodiscard]] Sha256Digest Sha256OfKey(uint64_t key) noexcept;

}  // namespace joinery::crypto::shani
