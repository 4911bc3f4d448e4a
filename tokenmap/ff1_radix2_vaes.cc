// FF1 decryption on 512-bit registers: four tokens a register, eight registers side by side. In
// each 128-bit lane it does what ff1_radix2_aesni.cc does; read that first.
#include <immintrin.h>

#include "tokenmap/ff1_radix2_engines.h"

namespace joinery::tokenmap::ff1 {
namespace {

using crypto::Aes128;

#define JOINERY_VAES [[gnu::target("avx512f,avx512bw,vaes")]]

constexpr size_t kLanesInRegister = 4;
constexpr size_t kMaxRegisters = 8;
constexpr size_t kMaxLanes = kLanesInRegister * kMaxRegisters;
constexpr __mmask16 kTopWords = 0x8888;

// The masked form with a full mask: g++ 12 calls the plain one's don't-care operand uninitialized.
JOINERY_VAES inline __m512i InAllLanes(__m128i lane) noexcept {
  return _mm512_maskz_broadcast_i32x4(0xffff, lane);
}

JOINERY_VAES inline __m512i InAllLanes(const Aes128::Block& block) noexcept {
  return InAllLanes(_mm_loadu_si128(reinterpret_cast<const __m128i*>(block.data())));
}

JOINERY_VAES inline __m512i InTopWords(uint32_t value) noexcept {
  return _mm512_maskz_set1_epi32(kTopWords, static_cast<int>(value));
}

JOINERY_VAES inline __m512i HalfToQ(__m512i half) noexcept {
  const __m128i shuffle =
      _mm_set_epi8(12, 13, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
  return _mm512_shuffle_epi8(half, InAllLanes(shuffle));
}

JOINERY_VAES inline __m512i RoundValue(__m512i r) noexcept {
  const __m128i shuffle =
      _mm_set_epi8(-1, -1, 6, 7, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
  return _mm512_shuffle_epi8(r, InAllLanes(shuffle));
}

// Round i, in place: the half `to` loses the round's number made from the half `from`. Only here
// are bits above a half cut off, since subtraction never carries them down: `from_mask` is the
// mask of the half where it lies in Q.
template <size_t kRegisters>
JOINERY_VAES inline void UndoRound(const Aes128::RoundKeys& keys, __m512i start, int i,
                                   __m512i from_mask, const __m512i (&from)[kRegisters],
                                   __m512i (&to)[kRegisters]) noexcept {
  constexpr int kXorOfAnd = 0x78;  // a ^ (b & c)
  const __m512i q = _mm512_xor_si512(start, InTopWords(static_cast<uint32_t>(i) << 8));
  __m512i state[kRegisters];
  for (size_t r = 0; r < kRegisters; ++r) {
    state[r] = _mm512_ternarylogic_epi32(q, HalfToQ(from[r]), from_mask, kXorOfAnd);
  }
  for (size_t round = 1; round < Aes128::kRounds; ++round) {
    const __m512i key = InAllLanes(keys[round]);
    for (size_t r = 0; r < kRegisters; ++r) state[r] = _mm512_aesenc_epi128(state[r], key);
  }
  const __m512i last = InAllLanes(keys[Aes128::kRounds]);
  for (size_t r = 0; r < kRegisters; ++r) {
    to[r] = _mm512_sub_epi32(to[r], RoundValue(_mm512_aesenclast_epi128(state[r], last)));
  }
}

template <size_t kRegisters>
JOINERY_VAES inline void DecryptRegisters(const Ff1Radix2Setup& setup, uint32_t* bodies) noexcept {
  const Aes128::RoundKeys& keys = setup.aes.round_keys();
  const auto right_bits = static_cast<unsigned>(RightBits(setup.bits));
  const __m512i left_mask = InTopWords(HalfMask(setup.bits, 0));
  const __m512i right_mask = InTopWords(HalfMask(setup.bits, 1));
  const __m512i start = _mm512_xor_si512(InAllLanes(setup.base), InAllLanes(keys[0]));
  __m512i a[kRegisters];
  __m512i b[kRegisters];
  for (size_t r = 0; r < kRegisters; ++r) {
    b[r] = _mm512_maskz_expandloadu_epi32(kTopWords, bodies + r * kLanesInRegister);
    a[r] = _mm512_maskz_srli_epi32(kTopWords, b[r], right_bits);
  }
  for (int i = Ff1Radix2::kRounds - 1; i > 0; i -= 2) {
    UndoRound(keys, start, i, HalfToQ(left_mask), a, b);
    UndoRound(keys, start, i - 1, HalfToQ(right_mask), b, a);
  }
  for (size_t r = 0; r < kRegisters; ++r) {
    const __m512i left = _mm512_and_si512(a[r], left_mask);
    const __m512i right = _mm512_and_si512(b[r], right_mask);
    const __m512i joined =
        _mm512_or_si512(_mm512_maskz_slli_epi32(kTopWords, left, right_bits), right);
    _mm_storeu_si128(
        reinterpret_cast<__m128i*>(bodies + r * kLanesInRegister),
        _mm512_maskz_extracti32x4_epi32(0xff, _mm512_maskz_compress_epi32(kTopWords, joined), 0));
  }
}

// A few lanes cost nearly what one costs, so a part of a burst goes with spare lanes, but not with
// more than a doubling of them.
JOINERY_VAES inline void DecryptPart(const Ff1Radix2Setup& setup, uint32_t* bodies,
                                     size_t count) noexcept {
  uint32_t lanes[kMaxLanes] = {};
  for (size_t i = 0; i < count; ++i) lanes[i] = bodies[i];
  if (count <= kMaxLanes / 4) {
    DecryptRegisters<kMaxRegisters / 4>(setup, lanes);
  } else if (count <= kMaxLanes / 2) {
    DecryptRegisters<kMaxRegisters / 2>(setup, lanes);
  } else {
    DecryptRegisters<kMaxRegisters>(setup, lanes);
  }
  for (size_t i = 0; i < count; ++i) bodies[i] = lanes[i];
}

}  // namespace

JOINERY_VAES void DecryptVaes(const Ff1Radix2Setup& setup, uint32_t* bodies,
                              size_t count) noexcept {
  size_t i = 0;
  for (; i + kMaxLanes <= count; i += kMaxLanes) {
    DecryptRegisters<kMaxRegisters>(setup, bodies + i);
  }
  if (i < count) DecryptPart(setup, bodies + i, count - i);
}

#undef JOINERY_VAES

}  // namespace joinery::tokenmap::ff1
