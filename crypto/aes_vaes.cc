// AES instructions on 512-bit registers: each instruction is a round of four blocks. Sixteen
// blocks go side by side; what is left over goes in masked fours.
#include <immintrin.h>

#include "crypto/aes_engines.h"

namespace joinery::crypto::aes {
namespace {

constexpr size_t kBlocksInRegister = 4;
constexpr size_t kRegisters = 4;
constexpr size_t kLanes = kBlocksInRegister * kRegisters;

#define JOINERY_VAES [[gnu::target("avx512f,vaes")]]

// The masked form with a full mask: g++ 12 calls the plain one's don't-care operand uninitialized.
JOINERY_VAES inline __m512i Broadcast(const Aes128::Block& key) noexcept {
  const __m128i one = _mm_loadu_si128(reinterpret_cast<const __m128i*>(key.data()));
  return _mm512_maskz_broadcast_i32x4(0xffff, one);
}

template <size_t kCount>
JOINERY_VAES inline void Rounds(const Aes128::RoundKeys& keys, __m512i (&state)[kCount]) noexcept {
  const __m512i first = Broadcast(keys[0]);
  for (size_t i = 0; i < kCount; ++i) state[i] = _mm512_xor_si512(state[i], first);
  for (size_t round = 1; round < Aes128::kRounds; ++round) {
    const __m512i key = Broadcast(keys[round]);
    for (size_t i = 0; i < kCount; ++i) state[i] = _mm512_aesenc_epi128(state[i], key);
  }
  const __m512i last = Broadcast(keys[Aes128::kRounds]);
  for (size_t i = 0; i < kCount; ++i) state[i] = _mm512_aesenclast_epi128(state[i], last);
}

}  // namespace

JOINERY_VAES void EncryptVaes(const Aes128::RoundKeys& keys, const Aes128::Block* in,
                              Aes128::Block* out, size_t count) noexcept {
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    __m512i state[kRegisters];
    for (size_t r = 0; r < kRegisters; ++r) {
      state[r] = _mm512_loadu_si512(in + i + r * kBlocksInRegister);
    }
    Rounds(keys, state);
    for (size_t r = 0; r < kRegisters; ++r) {
      _mm512_storeu_si512(out + i + r * kBlocksInRegister, state[r]);
    }
  }
  for (; i < count; i += kBlocksInRegister) {
    const size_t left = count - i < kBlocksInRegister ? count - i : kBlocksInRegister;
    const auto quadwords = static_cast<__mmask8>((1U << (2 * left)) - 1);
    __m512i state[1] = {_mm512_maskz_loadu_epi64(quadwords, in + i)};
    Rounds(keys, state);
    _mm512_mask_storeu_epi64(out + i, quadwords, state[0]);
  }
}

#undef JOINERY_VAES

}  // namespace joinery::crypto::aes
