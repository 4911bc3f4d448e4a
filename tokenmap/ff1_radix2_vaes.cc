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

JOINERY_VAES inline __m128i Load(const Aes128::Block& block) noexcept {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(block.data()));
}

// The masked form with a full mask: g++ 12 calls the plain one's don't-care operand uninitialized.
JOINERY_VAES inline __m512i InAllLanes(__m128i lane) noexcept {
  return _mm512_maskz_broadcast_i32x4(0xffff, lane);
}

JOINERY_VAES inline __m512i InAllLanes(const Aes128::Block& block) noexcept {
  return InAllLanes(Load(block));
}

JOINERY_VAES inline __m512i InTopWords(uint32_t value) noexcept {
  return _mm512_maskz_set1_epi32(kTopWords, static_cast<int>(value));
}

JOINERY_VAES inline __m512i InTopWords(const uint32_t* values) noexcept {
  return _mm512_maskz_expandloadu_epi32(kTopWords, values);
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

// What the lanes are decrypted under, of which there are two kinds. Masks and bits stand in the top
// words; `start` is what enters the cipher in every round.

// The same for all lanes.
class OneSetup {
 public:
  JOINERY_VAES explicit OneSetup(const Ff1Radix2Setup& setup) noexcept
      : keys_(setup.aes.round_keys()),
        start_(_mm512_xor_si512(InAllLanes(setup.base), InAllLanes(keys_[0]))),
        left_mask_(InTopWords(HalfMask(setup.bits, 0))),
        right_mask_(InTopWords(HalfMask(setup.bits, 1))),
        right_bits_(InTopWords(static_cast<uint32_t>(RightBits(setup.bits)))) {}

  JOINERY_VAES __m512i key(size_t round, size_t) const noexcept { return InAllLanes(keys_[round]); }
  JOINERY_VAES __m512i start(size_t) const noexcept { return start_; }
  JOINERY_VAES __m512i left_mask(size_t) const noexcept { return left_mask_; }
  JOINERY_VAES __m512i right_mask(size_t) const noexcept { return right_mask_; }
  JOINERY_VAES __m512i right_bits(size_t) const noexcept { return right_bits_; }

 private:
  const Aes128::RoundKeys& keys_;
  __m512i start_, left_mask_, right_mask_, right_bits_;
};

// One for each lane, brought together register by register. Round keys stay behind on the stack, of
// the thread that decrypts all the time: a memory that shows them shows the setups too.
template <size_t kRegisters>
class EachSetup {
 public:
  JOINERY_VAES explicit EachSetup(const Ff1Radix2Setup* const* setups) noexcept {
    uint32_t left[kRegisters * kLanesInRegister];
    uint32_t right[kRegisters * kLanesInRegister];
    uint32_t bits[kRegisters * kLanesInRegister];
    for (size_t i = 0; i < kRegisters * kLanesInRegister; ++i) {
      left[i] = HalfMask(setups[i]->bits, 0);
      right[i] = HalfMask(setups[i]->bits, 1);
      bits[i] = static_cast<uint32_t>(RightBits(setups[i]->bits));
    }
    for (size_t r = 0; r < kRegisters; ++r) {
      const Ff1Radix2Setup* const* four = setups + r * kLanesInRegister;
      for (size_t round = 0; round <= Aes128::kRounds; ++round) {
        keys_[round][r] = Join(four[0]->aes.round_keys()[round], four[1]->aes.round_keys()[round],
                               four[2]->aes.round_keys()[round], four[3]->aes.round_keys()[round]);
      }
      start_[r] = _mm512_xor_si512(Join(four[0]->base, four[1]->base, four[2]->base, four[3]->base),
                                   keys_[0][r]);
      left_mask_[r] = InTopWords(&left[r * kLanesInRegister]);
      right_mask_[r] = InTopWords(&right[r * kLanesInRegister]);
      right_bits_[r] = InTopWords(&bits[r * kLanesInRegister]);
    }
  }

  JOINERY_VAES __m512i key(size_t round, size_t r) const noexcept { return keys_[round][r]; }
  JOINERY_VAES __m512i start(size_t r) const noexcept { return start_[r]; }
  JOINERY_VAES __m512i left_mask(size_t r) const noexcept { return left_mask_[r]; }
  JOINERY_VAES __m512i right_mask(size_t r) const noexcept { return right_mask_[r]; }
  JOINERY_VAES __m512i right_bits(size_t r) const noexcept { return right_bits_[r]; }

 private:
  JOINERY_VAES static __m512i Join(const Aes128::Block& a, const Aes128::Block& b,
                                   const Aes128::Block& c, const Aes128::Block& d) noexcept {
    __m512i joined = InAllLanes(a);
    joined = _mm512_mask_broadcast_i32x4(joined, 0x00f0, Load(b));
    joined = _mm512_mask_broadcast_i32x4(joined, 0x0f00, Load(c));
    return _mm512_mask_broadcast_i32x4(joined, 0xf000, Load(d));
  }

  __m512i keys_[Aes128::kRounds + 1][kRegisters];
  __m512i start_[kRegisters], left_mask_[kRegisters], right_mask_[kRegisters],
      right_bits_[kRegisters];
};

enum class Half { kLeft, kRight };

// Round i, in place: the half `to` loses the round's number made from the half `from`, which kFrom
// names. Only here are bits above a half cut off, since subtraction never carries them down: the
// mask is the half's, where it lies in Q.
template <Half kFrom, size_t kRegisters, typename Setup>
JOINERY_VAES inline void UndoRound(const Setup& setup, int i, const __m512i (&from)[kRegisters],
                                   __m512i (&to)[kRegisters]) noexcept {
  constexpr int kXorOfAnd = 0x78;  // a ^ (b & c)
  const __m512i number = InTopWords(static_cast<uint32_t>(i) << 8);
  __m512i state[kRegisters];
  for (size_t r = 0; r < kRegisters; ++r) {
    const __m512i mask = kFrom == Half::kLeft ? setup.left_mask(r) : setup.right_mask(r);
    state[r] = _mm512_ternarylogic_epi32(_mm512_xor_si512(setup.start(r), number), HalfToQ(from[r]),
                                         HalfToQ(mask), kXorOfAnd);
  }
  for (size_t round = 1; round < Aes128::kRounds; ++round) {
    for (size_t r = 0; r < kRegisters; ++r) {
      state[r] = _mm512_aesenc_epi128(state[r], setup.key(round, r));
    }
  }
  for (size_t r = 0; r < kRegisters; ++r) {
    const __m512i last = _mm512_aesenclast_epi128(state[r], setup.key(Aes128::kRounds, r));
    to[r] = _mm512_sub_epi32(to[r], RoundValue(last));
  }
}

template <size_t kRegisters, typename Setup>
JOINERY_VAES inline void DecryptRegisters(const Setup& setup, uint32_t* bodies) noexcept {
  __m512i a[kRegisters];
  __m512i b[kRegisters];
  for (size_t r = 0; r < kRegisters; ++r) {
    b[r] = InTopWords(bodies + r * kLanesInRegister);
    a[r] = _mm512_maskz_srlv_epi32(kTopWords, b[r], setup.right_bits(r));
  }
  for (int i = Ff1Radix2::kRounds - 1; i > 0; i -= 2) {
    UndoRound<Half::kLeft>(setup, i, a, b);
    UndoRound<Half::kRight>(setup, i - 1, b, a);
  }
  for (size_t r = 0; r < kRegisters; ++r) {
    const __m512i left = _mm512_and_si512(a[r], setup.left_mask(r));
    const __m512i right = _mm512_and_si512(b[r], setup.right_mask(r));
    const __m512i joined =
        _mm512_or_si512(_mm512_maskz_sllv_epi32(kTopWords, left, setup.right_bits(r)), right);
    _mm_storeu_si128(
        reinterpret_cast<__m128i*>(bodies + r * kLanesInRegister),
        _mm512_maskz_extracti32x4_epi32(0xff, _mm512_maskz_compress_epi32(kTopWords, joined), 0));
  }
}

// A few lanes cost nearly what one costs, so a part of a burst goes with spare lanes, but not with
// more than a doubling of them.
JOINERY_VAES inline void DecryptPart(const OneSetup& setup, uint32_t* bodies,
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

template <size_t kRegisters>
JOINERY_VAES [[gnu::noinline]] void DecryptRegistersEach(const Ff1Radix2Setup* const* setups,
                                                         uint32_t* bodies) noexcept {
  DecryptRegisters<kRegisters>(EachSetup<kRegisters>(setups), bodies);
}

// At most kMaxLanes.
JOINERY_VAES void DecryptPartEach(const Ff1Radix2Setup* const* setups, uint32_t* bodies,
                                  size_t count) noexcept {
  uint32_t lanes[kMaxLanes] = {};
  const Ff1Radix2Setup* lane_setups[kMaxLanes];
  for (size_t i = 0; i < kMaxLanes; ++i) lane_setups[i] = setups[i < count ? i : 0];
  for (size_t i = 0; i < count; ++i) lanes[i] = bodies[i];
  if (count <= kMaxLanes / 4) {
    DecryptRegistersEach<kMaxRegisters / 4>(lane_setups, lanes);
  } else if (count <= kMaxLanes / 2) {
    DecryptRegistersEach<kMaxRegisters / 2>(lane_setups, lanes);
  } else {
    DecryptRegistersEach<kMaxRegisters>(lane_setups, lanes);
  }
  for (size_t i = 0; i < count; ++i) bodies[i] = lanes[i];
}

}  // namespace

JOINERY_VAES void DecryptVaes(const Ff1Radix2Setup& setup, uint32_t* bodies,
                              size_t count) noexcept {
  const OneSetup one(setup);
  size_t i = 0;
  for (; i + kMaxLanes <= count; i += kMaxLanes) DecryptRegisters<kMaxRegisters>(one, bodies + i);
  if (i < count) DecryptPart(one, bodies + i, count - i);
}

JOINERY_VAES void DecryptEachVaes(const Ff1Radix2Setup* const* setups, uint32_t* bodies,
                                  size_t count) noexcept {
  for (size_t i = 0; i < count; i += kMaxLanes) {
    DecryptPartEach(setups + i, bodies + i, count - i < kMaxLanes ? count - i : kMaxLanes);
  }
}

#undef JOINERY_VAES

}  // namespace joinery::tokenmap::ff1
