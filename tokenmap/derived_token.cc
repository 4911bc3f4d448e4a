#include "tokenmap/derived_token.h"

#include "base/big_endian.h"
#include "crypto/sha_key.h"

namespace joinery::tokenmap {

Token DerivedToken(uint64_t key, uint8_t mptcp_version) noexcept {
  if (mptcp_version == 0) return Token(LoadBe32(crypto::Sha1OfKey(key).data()));
  return Token(LoadBe32(crypto::Sha256OfKey(key).data()));
}

}  // namespace joinery::tokenmap
