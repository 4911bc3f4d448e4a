// The engines behind Aes128: each encrypts `count` blocks from `in` to `out`, which are the same or
// do not overlap. Only aes128.cc and its test call them.
#pragma once

#include <cstddef>

#include <openssl/aes.h>

#include "crypto/aes128.h"

namespace joinery::crypto::aes {

void EncryptGeneric(const Aes128::RoundKeys& keys, const Aes128::Block* in, Aes128::Block* out,
                    size_t count) noexcept;
void EncryptOpenssl(const AES_KEY& key, const Aes128::Block* in, Aes128::Block* out,
                    size_t count) noexcept;
void EncryptAesni(const Aes128::RoundKeys& keys, const Aes128::Block* in, Aes128::Block* out,
                  size_t count) noexcept;
void EncryptVaes(const Aes128::RoundKeys& keys, const Aes128::Block* in, Aes128::Block* out,
                 size_t count) noexcept;

// The key as libcrypto wants it.
[[nodiscard]] AES_KEY OpensslKey(const Key128& key) noexcept;

// FIPS 197 section 5.2.
[[nodiscard]] Aes128::RoundKeys ExpandKey(const Key128& key) noexcept;

}  // namespace joinery::crypto::aes
