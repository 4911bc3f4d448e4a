// The inverse of the permutation of docs/cookie-format.md, in eight lanes at a time;
// joinery_cookie_unpermute of tokenmap/c/timestamp_cookie.h is the twin.
#include "lb/steer/avx512/lanes.h"
#include "lb/steer/avx512/target.h"
#include "tokenmap/timestamp_cookie.h"

namespace joinery::steer::avx512 {
inline namespace JOINERY_LANES {
namespace {

constexpr size_t kGroup = 8;  // 64-bit lanes of a register
constexpr __mmask8 kAll = 0xff;

// The masked forms with a full mask, as in siphash_lanes.h.
JOINERY_AVX512 inline __m512i Right(__m512i words, unsigned int bits) noexcept {
  return _mm512_maskz_srli_epi64(kAll, words, bits);
}
JOINERY_AVX512 inline __m512i And(__m512i a, __m512i b) noexcept {
  return _mm512_maskz_and_epi64(kAll, a, b);
}
// The lowest `bits` bits of each lane.
JOINERY_AVX512 inline __m512i Low(__m512i bits) noexcept {
  const __m512i one = _mm512_set1_epi64(1);
  return _mm512_sub_epi64(_mm512_maskz_sllv_epi64(kAll, one, bits), one);
}

struct Flows {
  __m512i hashes, rounds;
};

// Round `kRound` of one half: bits 9 to 15 of (half XOR r) * h, where h is 16 bits of the hash from
// `kShift` on. A half has 7 bits and r 8, so the product of the lowest 16 is all there is.
template <unsigned int kRound, unsigned int kShift>
JOINERY_AVX512 inline __m512i Round(const Flows& flows, __m512i half) noexcept {
  const __m512i r = And(Right(flows.rounds, 8 * kRound), _mm512_set1_epi64(0xff));
  const __m512i product =
      _mm512_mullo_epi16(_mm512_xor_si512(half, r), Right(flows.hashes, kShift));
  return Right(product, 9);
}

JOINERY_AVX512 inline __m512i Unpermute(const Flows& flows, __m512i codes,
                                        __m512i code_bits) noexcept {
  const __m512i low = Right(code_bits, 1);
  const __m512i right = Low(low);
  const __m512i left = Low(_mm512_sub_epi64(code_bits, low));
  __m512i l = _mm512_maskz_srlv_epi64(kAll, codes, low);
  __m512i r = And(codes, right);
  r = _mm512_xor_si512(r, And(Round<5, 40>(flows, l), right));
  l = _mm512_xor_si512(l, And(Round<4, 8>(flows, r), left));
  r = _mm512_xor_si512(r, And(Round<3, 48>(flows, l), right));
  l = _mm512_xor_si512(l, And(Round<2, 32>(flows, r), left));
  r = _mm512_xor_si512(r, And(Round<1, 16>(flows, l), right));
  l = _mm512_xor_si512(l, And(Round<0, 0>(flows, r), left));
  return _mm512_or_si512(_mm512_maskz_sllv_epi64(kAll, l, low), r);
}

}  // namespace

JOINERY_AVX512 void UnpermuteLanes(Lanes& lanes) noexcept {
  const __m512i check_bits = _mm512_set1_epi64((1 << tokenmap::kCookieCheckBits) - 1);
  Mask wrong = 0;
  for (size_t first = 0; first < kLanes; first += kGroup) {
    if ((lanes.cookie >> first & kAll) == 0) continue;
    const Flows flows{_mm512_load_si512(&lanes.hashes[first]),
                      _mm512_load_si512(&lanes.rounds[first])};
    const __m512i values = Unpermute(flows, _mm512_load_si512(&lanes.codes[first]),
                                     _mm512_load_si512(&lanes.code_bits[first]));
    wrong |= Mask{_mm512_test_epi64_mask(values, check_bits)} << first;
    _mm_store_si128(reinterpret_cast<__m128i*>(&lanes.cookie_ids[first]),
                    _mm512_maskz_cvtepi64_epi16(kAll, Right(values, tokenmap::kCookieCheckBits)));
  }
  lanes.fast &= ~(lanes.cookie & wrong);
  lanes.cookie &= ~wrong;
}

}  // namespace JOINERY_LANES
}  // namespace joinery::steer::avx512
