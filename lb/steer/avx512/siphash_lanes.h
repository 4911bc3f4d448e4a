// SipHash-1-3 (crypto/siphash.h has the reading list) of eight messages side by side, each under a
// key of its own: so the hashes of flows of different pools, and timestamp cookies of
// different epochs, are one call. crypto::SipHash13 is the twin.
#pragma once

#include <cstddef>
#include <cstdint>

#include "lb/steer/avx512/target.h"

namespace joinery::steer::avx512 {
inline namespace JOINERY_LANES {

// State words v0 to v3, each of eight lanes.
struct SipLanes {
  __m512i v0, v1, v2, v3;
};

// The masked form with a full mask: g++ 12 calls the plain one's don't-care operand uninitialized.
template <int kBits>
JOINERY_AVX512 inline __m512i Rotate(__m512i words) noexcept {
  return _mm512_maskz_rol_epi64(0xff, words, kBits);
}

JOINERY_AVX512 inline void SipRound(SipLanes& s) noexcept {
  s.v0 = _mm512_add_epi64(s.v0, s.v1);
  s.v2 = _mm512_add_epi64(s.v2, s.v3);
  s.v1 = _mm512_xor_si512(Rotate<13>(s.v1), s.v0);
  s.v3 = _mm512_xor_si512(Rotate<16>(s.v3), s.v2);
  s.v0 = Rotate<32>(s.v0);
  s.v2 = _mm512_add_epi64(s.v2, s.v1);
  s.v0 = _mm512_add_epi64(s.v0, s.v3);
  s.v1 = _mm512_xor_si512(Rotate<17>(s.v1), s.v2);
  s.v3 = _mm512_xor_si512(Rotate<21>(s.v3), s.v0);
  s.v2 = Rotate<32>(s.v2);
}

// words[w * stride + lane]: word w of a lane's message, little endian, the last one with the
// length in its top byte. k0, k1: the lanes' keys. Eight of each are read; eight hashes written.
template <size_t kWords>
JOINERY_AVX512 inline void SipHash13Lanes(const uint64_t* k0, const uint64_t* k1,
                                          const uint64_t* words, size_t stride,
                                          uint64_t* out) noexcept {
  const __m512i key0 = _mm512_loadu_si512(k0);
  const __m512i key1 = _mm512_loadu_si512(k1);
  SipLanes s{_mm512_xor_si512(key0, _mm512_set1_epi64(0x736f6d6570736575)),
             _mm512_xor_si512(key1, _mm512_set1_epi64(0x646f72616e646f6d)),
             _mm512_xor_si512(key0, _mm512_set1_epi64(0x6c7967656e657261)),
             _mm512_xor_si512(key1, _mm512_set1_epi64(0x7465646279746573))};
  for (size_t w = 0; w < kWords; ++w) {
    const __m512i word = _mm512_loadu_si512(words + w * stride);
    s.v3 = _mm512_xor_si512(s.v3, word);
    SipRound(s);
    s.v0 = _mm512_xor_si512(s.v0, word);
  }
  s.v2 = _mm512_xor_si512(s.v2, _mm512_set1_epi64(0xff));
  for (int i = 0; i < 3; ++i) SipRound(s);
  _mm512_storeu_si512(out,
                      _mm512_xor_si512(_mm512_xor_si512(s.v0, s.v1), _mm512_xor_si512(s.v2, s.v3)));
}

}  // namespace JOINERY_LANES
}  // namespace joinery::steer::avx512
