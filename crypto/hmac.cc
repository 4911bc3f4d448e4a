#include "crypto/hmac.h"

#include <cstdlib>

#include <openssl/hmac.h>

namespace joinery::crypto {
namespace {

template <typename Digest>
Digest Hmac(const EVP_MD* hash, std::span<const uint8_t> key,
            std::span<const uint8_t> message) noexcept {
  Digest digest;
  unsigned int length = 0;
  const auto* made = HMAC(hash, key.data(), static_cast<int>(key.size()), message.data(),
                          message.size(), digest.data(), &length);
  // libcrypto fails here only without memory or without its hashes: nothing to go on with.
  if (made == nullptr || length != digest.size()) std::abort();
  return digest;
}

}  // namespace

Sha1Digest HmacSha1(std::span<const uint8_t> key, std::span<const uint8_t> message) noexcept {
  return Hmac<Sha1Digest>(EVP_sha1(), key, message);
}

Sha256Digest HmacSha256(std::span<const uint8_t> key, std::span<const uint8_t> message) noexcept {
  return Hmac<Sha256Digest>(EVP_sha256(), key, message);
}

bool EqualSecret(std::span<const uint8_t> a, std::span<const uint8_t> b) noexcept {
  if (a.size() != b.size()) return false;
  uint8_t difference = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    difference = static_cast<uint8_t>(difference | (a[i] ^ b[i]));
  }
  return difference == 0;
}

}  // namespace joinery::crypto
