#include "crypto/sha.h"

#include <openssl/sha.h>

namespace joinery::crypto {

static_assert(std::tuple_size_v<Sha1Digest> == SHA_DIGEST_LENGTH);
static_assert(std::tuple_size_v<Sha256Digest> == SHA256_DIGEST_LENGTH);

Sha1Digest Sha1(std::span<const uint8_t> message) noexcept {
  Sha1Digest digest;
  SHA1(message.data(), message.size(), digest.data());
  return digest;
}

Sha256Digest Sha256(std::span<const uint8_t> message) noexcept {
  Sha256Digest digest;
  SHA256(message.data(), message.size(), digest.data());
  return digest;
}

}  // namespace joinery::crypto
