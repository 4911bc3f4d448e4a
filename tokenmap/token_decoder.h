// The balancer's side of a scheme: token -> backend ID, under all live generations at once.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/expected.h"
#include "base/ids.h"
#include "crypto/aes128.h"
#include "tokenmap/derived_token.h"  // for those who decode tokens of keys
#include "tokenmap/scheme.h"

namespace joinery::tokenmap {

enum class DecodeStatus : uint8_t {
  kOk,            // id is the ID in the token (whether a backend has it, the caller knows)
  kReserved,      // the all-ones codepoint: issued by a backend that had no scheme
  kNoGeneration,  // a codepoint under which nothing is live here
};

struct Decoded {
  DecodeStatus status = DecodeStatus::kNoGeneration;
  Codepoint codepoint;
  BackendId id;        // kOk only
  uint32_t nonce = 0;  // kOk only

  friend bool operator==(const Decoded&, const Decoded&) noexcept = default;
};

// Immutable, so any number of threads may use one. FF1 does not authenticate: every 32-bit value
// under a live codepoint decodes to some ID.
class TokenDecoder {
 public:
  // Refuses a codepoint that is reserved, out of range or given twice. No generation is allowed:
  // then nothing decodes.
  [[nodiscard]] static Expected<TokenDecoder> Create(
      const Scheme& scheme, std::span<const GenerationKey> live,
      crypto::AesEngine engine = crypto::BestAesEngine());
  TokenDecoder(TokenDecoder&&) noexcept;
  TokenDecoder& operator=(TokenDecoder&&) noexcept;
  ~TokenDecoder();  // wipes the keys

  [[nodiscard]] const Scheme& scheme() const noexcept;

  [[nodiscard]] Decoded Decode(Token token) const noexcept;
  // The same for a burst: interleaves the AES work. out.size() >= tokens.size().
  void DecodeBurst(std::span<const Token> tokens, std::span<Decoded> out) const noexcept;
  // The same for tokens of any pools, each by the decoder beside it: their AES work is interleaved
  // too. decoders.size() >= tokens.size(), and one AES engine for all.
  static void DecodeEach(std::span<const TokenDecoder* const> decoders,
                         std::span<const Token> tokens, std::span<Decoded> out) noexcept;

 private:
  struct Tables;
  explicit TokenDecoder(std::unique_ptr<Tables> tables) noexcept;
  std::unique_ptr<Tables> tables_;
};

}  // namespace joinery::tokenmap
