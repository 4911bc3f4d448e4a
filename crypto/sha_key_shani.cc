// FIPS 180-4 sections 6.1.2 and 6.2.2 for one block by Intel's SHA extensions. The block is the
// key, the padding bit and the length of 64 bits: words W0 and W1, 0x80000000, zeros, 64. Four
// words a register; SHA-1's instructions want the first word on top, SHA-256's want it at the
// bottom.
#include "crypto/sha_key_shani.h"

#include <immintrin.h>

#include "base/big_endian.h"

namespace joinery::crypto::shani {
namespace {

#define JOINERY_SHANI [[gnu::target("sha,sse4.1,ssse3")]]

constexpr int kPaddingBit = static_cast<int>(0x80000000);
constexpr int kMessageBits = 64;

JOINERY_SHANI inline int Word(uint32_t value) noexcept { return static_cast<int>(value); }

// The rounds so far of SHA-1: A..D, the A..D of four rounds ago (from which E follows), and the
// sixteen words that are next.
struct Sha1State {
  __m128i abcd;
  __m128i before;
  __m128i w[4];
};

// Five times four rounds with one of the four functions f.
template <int kFunction>
JOINERY_SHANI inline void TwentyRounds(Sha1State& s) noexcept {
  for (int i = 0; i < 5; ++i) {
    const __m128i e_and_w = _mm_sha1nexte_epu32(s.before, s.w[0]);
    s.before = s.abcd;
    s.abcd = _mm_sha1rnds4_epu32(s.abcd, e_and_w, kFunction);
    const __m128i next =
        _mm_sha1msg2_epu32(_mm_xor_si128(_mm_sha1msg1_epu32(s.w[0], s.w[1]), s.w[2]), s.w[3]);
    s.w[0] = s.w[1];
    s.w[1] = s.w[2];
    s.w[2] = s.w[3];
    s.w[3] = next;
  }
}

// Section 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first primes.
alignas(16) constexpr uint32_t kSha256Constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

JOINERY_SHANI inline void Store(uint8_t* out, __m128i words) noexcept {
  // Four words to big endian, the top one first.
  const __m128i reversed = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm_shuffle_epi8(words, reversed));
}

}  // namespace

JOINERY_SHANI Sha1Digest Sha1OfKey(uint64_t key) noexcept {
  const __m128i abcd = _mm_set_epi32(Word(0x67452301), Word(0xefcdab89), Word(0x98badcfe),
                                     Word(0x10325476));  // section 5.3.1
  constexpr uint32_t kE = 0xc3d2e1f0;
  // nexte turns the top word of `before` left by 30 to get E; this turns the initial E back.
  const __m128i before = _mm_set_epi32(Word(kE << 2 | kE >> 30), 0, 0, 0);
  Sha1State s{
      .abcd = abcd,
      .before = before,
      .w = {_mm_set_epi32(Word(static_cast<uint32_t>(key >> 32)), Word(static_cast<uint32_t>(key)),
                          kPaddingBit, 0),
            _mm_setzero_si128(), _mm_setzero_si128(), _mm_set_epi32(0, 0, 0, kMessageBits)}};
  TwentyRounds<0>(s);
  TwentyRounds<1>(s);
  TwentyRounds<2>(s);
  TwentyRounds<3>(s);
  const __m128i e = _mm_sha1nexte_epu32(s.before, _mm_set_epi32(Word(kE), 0, 0, 0));
  Sha1Digest digest;
  Store(digest.data(), _mm_add_epi32(s.abcd, abcd));
  StoreBe32(digest.data() + 16, static_cast<uint32_t>(_mm_extract_epi32(e, 3)));
  return digest;
}

JOINERY_SHANI Sha256Digest Sha256OfKey(uint64_t key) noexcept {
  // Section 5.3.3, in the order that the instructions want.
  const __m128i abef =
      _mm_set_epi32(Word(0x6a09e667), Word(0xbb67ae85), Word(0x510e527f), Word(0x9b05688c));
  const __m128i cdgh =
      _mm_set_epi32(Word(0x3c6ef372), Word(0xa54ff53a), Word(0x1f83d9ab), Word(0x5be0cd19));
  __m128i x = abef;
  __m128i y = cdgh;
  __m128i w[4] = {_mm_set_epi32(0, kPaddingBit, Word(static_cast<uint32_t>(key)),
                                Word(static_cast<uint32_t>(key >> 32))),
                  _mm_setzero_si128(), _mm_setzero_si128(), _mm_set_epi32(kMessageBits, 0, 0, 0)};
  for (size_t i = 0; i < 64; i += 4) {
    const __m128i k = _mm_load_si128(reinterpret_cast<const __m128i*>(kSha256Constants + i));
    const __m128i wk = _mm_add_epi32(w[0], k);
    y = _mm_sha256rnds2_epu32(y, x, wk);  // two rounds: CDGH becomes ABEF
    x = _mm_sha256rnds2_epu32(x, y, _mm_shuffle_epi32(wk, 0x0e));
    const __m128i sum =
        _mm_add_epi32(_mm_sha256msg1_epu32(w[0], w[1]), _mm_alignr_epi8(w[3], w[2], 4));
    const __m128i next = _mm_sha256msg2_epu32(sum, w[3]);
    w[0] = w[1];
    w[1] = w[2];
    w[2] = w[3];
    w[3] = next;
  }
  x = _mm_add_epi32(x, abef);
  y = _mm_add_epi32(y, cdgh);
  Sha256Digest digest;
  Store(digest.data(), _mm_unpackhi_epi64(y, x));       // A B from x's upper half, C D from y's
  Store(digest.data() + 16, _mm_unpacklo_epi64(y, x));  // E F, G H
  return digest;
}

#undef JOINERY_SHANI

}  // namespace joinery::crypto::shani
