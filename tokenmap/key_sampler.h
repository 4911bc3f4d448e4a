// Derived mode: draws MPTCP keys until the token that follows from one names this backend
// (docs/protocol.md section 2). Costs 2^(r+s) hashes a key on average, so keys are drawn ahead of
// time. The kernel module does the same for kernel sockets.
#pragma once

#include <cstdint>
#include <optional>

#include "base/expected.h"
#include "base/ids.h"
#include "base/random.h"
#include "tokenmap/scheme.h"
#include "tokenmap/token_decoder.h"

namespace joinery::tokenmap {

// A key is used once, whatever becomes of the connection: it was on the wire.
struct SampledKey {
  uint64_t key;
  Token token;  // DerivedToken(key)
};

struct SamplerCounters {
  uint64_t keys = 0;       // handed out
  uint64_t tries = 0;      // keys hashed for them
  uint64_t exhausted = 0;  // draws given up after the limit
};

// Not thread-safe.
class KeySampler {
 public:
  // A draw gives up after this many times the expected tries: by chance once in e^64 draws.
  static constexpr uint64_t kMaxTriesFactor = 64;

  // `random` must be fit for keys (SystemRandom) and outlive the sampler. mptcp_version: 0 or 1.
  // Refuses r + s over kMaxBitsForDerived, an ID over s bits, and an unusable codepoint.
  [[nodiscard]] static Expected<KeySampler> Create(const Scheme& scheme,
                                                   const GenerationKey& active, BackendId id,
                                                   uint8_t mptcp_version, Random& random);

  // A key whose token decodes to the own ID under the active generation; nullopt at the limit.
  [[nodiscard]] std::optional<SampledKey> Draw() noexcept;
  // A key whose token has the reserved codepoint: for a backend that has no scheme or no sampled
  // key left.
  [[nodiscard]] std::optional<SampledKey> DrawUnroutable() noexcept;

  [[nodiscard]] const SamplerCounters& counters() const noexcept { return counters_; }

 private:
  KeySampler(TokenDecoder decoder, BackendId id, uint8_t mptcp_version, Random& random) noexcept
      : decoder_(std::move(decoder)), id_(id), mptcp_version_(mptcp_version), random_(&random) {}

  // The first key whose token decodes to `wanted` (to any ID unless the status is kOk).
  [[nodiscard]] std::optional<SampledKey> DrawDecodingTo(DecodeStatus wanted,
                                                         uint64_t expected_tries) noexcept;

  TokenDecoder decoder_;  // of the active generation alone
  BackendId id_;
  uint8_t mptcp_version_;
  Random* random_;
  SamplerCounters counters_;
};

}  // namespace joinery::tokenmap
