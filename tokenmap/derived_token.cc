#include "tokenmap/derived_token.h"

#include <array>

#include "base/big_endian.h"
#include "crypto/sha.h"

namespace joinery::tokenmap {

Token DerivedToken(uint64_t key, uint8_t mptcp_version) noexcept {
  std::array<uint8_t, 8> bytes;
  StoreBe64(bytes.data(), key);
  if (mptcp_version == 0) return Token(LoadBe32(crypto::Sha1(bytes).data()));
  return Token(LoadBe32(crypto::Sha256(bytes).data()));
}

}  // namespace joinery::tokenmap
