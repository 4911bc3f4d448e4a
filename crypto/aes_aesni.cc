// AES instructions: a round is one instruction with four cycles of latency, of which one or two
// start in a cycle, so eight blocks side by side keep the unit busy.
#include <immintrin.h>

#include "crypto/aes_engines.h"

namespace joinery::crypto::aes {
namespace {

constexpr size_t kLanes = 8;

template <size_t kCount>
[[gnu::target("aes")]] inline void EncryptLanes(const Aes128::RoundKeys& keys,
                                                const Aes128::Block* in,
                                                Aes128::Block* out) noexcept {
  const auto* key = reinterpret_cast<const __m128i*>(keys.data());
  __m128i state[kCount];
  for (size_t i = 0; i < kCount; ++i) {
    state[i] = _mm_xor_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(in + i)), key[0]);
  }
  for (size_t round = 1; round < Aes128::kRounds; ++round) {
    for (size_t i = 0; i < kCount; ++i) state[i] = _mm_aesenc_si128(state[i], key[round]);
  }
  for (size_t i = 0; i < kCount; ++i) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i),
                     _mm_aesenclast_si128(state[i], key[Aes128::kRounds]));
  }
}

}  // namespace

[[gnu::target("aes")]] void EncryptAesni(const Aes128::RoundKeys& keys, const Aes128::Block* in,
                                         Aes128::Block* out, size_t count) noexcept {
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) EncryptLanes<kLanes>(keys, in + i, out + i);
  for (; i < count; ++i) EncryptLanes<1>(keys, in + i, out + i);
}

}  // namespace joinery::crypto::aes
