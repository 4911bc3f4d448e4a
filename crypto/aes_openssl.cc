// libcrypto's AES_encrypt: declared old since OpenSSL 3.0, but the only call that needs neither a
// context of its own for each thread nor an allocation. Its x86 code avoids data-dependent time as
// far as a table can.
#include "crypto/aes_engines.h"

#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace joinery::crypto::aes {

AES_KEY OpensslKey(const Key128& key) noexcept {
  AES_KEY expanded;
  AES_set_encrypt_key(key.bytes().data(), 8 * Key128::kBytes, &expanded);
  return expanded;
}

void EncryptOpenssl(const AES_KEY& key, const Aes128::Block* in, Aes128::Block* out,
                    size_t count) noexcept {
  for (size_t i = 0; i < count; ++i) AES_encrypt(in[i].data(), out[i].data(), &key);
}

}  // namespace joinery::crypto::aes
