#include "control/store/gcm.h"

#include <memory>

#include <openssl/evp.h>

namespace joinery::control {
namespace {

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const uint8_t* Bytes(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

uint8_t* Bytes(std::string& text) { return reinterpret_cast<uint8_t*>(text.data()); }

// Files are bounded far below INT_MAX (files.h).
int Length(std::string_view text) { return static_cast<int>(text.size()); }

}  // namespace

std::optional<GcmSealed> GcmEncrypt(const StateKey& key, const GcmNonce& nonce,
                                    std::string_view associated, std::string_view plain) {
  const Context context(EVP_CIPHER_CTX_new());
  GcmSealed sealed{.cipher = std::string(plain.size(), '\0'), .tag = {}};
  int put = 0;
  const bool done =
      context != nullptr &&
      EVP_EncryptInit_ex2(context.get(), EVP_aes_256_gcm(), key.bytes().data(), nonce.data(),
                          nullptr) == 1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &put, Bytes(associated), Length(associated)) == 1 &&
      EVP_EncryptUpdate(context.get(), Bytes(sealed.cipher), &put, Bytes(plain), Length(plain)) ==
          1 &&
      EVP_EncryptFinal_ex(context.get(), Bytes(sealed.cipher) + put, &put) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(sealed.tag.size()),
                          sealed.tag.data()) == 1;
  if (!done) return std::nullopt;
  return sealed;
}

std::optional<std::string> GcmDecrypt(const StateKey& key, const GcmNonce& nonce,
                                      std::string_view associated, std::string_view cipher,
                                      const GcmTag& tag) {
  const Context context(EVP_CIPHER_CTX_new());
  std::string plain(cipher.size(), '\0');
  GcmTag expected = tag;  // OpenSSL takes it as not const
  int put = 0;
  const bool done =
      context != nullptr &&
      EVP_DecryptInit_ex2(context.get(), EVP_aes_256_gcm(), key.bytes().data(), nonce.data(),
                          nullptr) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &put, Bytes(associated), Length(associated)) == 1 &&
      EVP_DecryptUpdate(context.get(), Bytes(plain), &put, Bytes(cipher), Length(cipher)) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(expected.size()),
                          expected.data()) == 1 &&
      EVP_DecryptFinal_ex(context.get(), Bytes(plain) + put, &put) == 1;
  if (!done) return std::nullopt;
  return plain;
}

}  // namespace joinery::control
