// AVX-512 in plain instructions: SIMDe (Debian's libsimde-dev) under the names of Intel's
// intrinsics; and those few that its release does not have or gets wrong (testz, which it answers
// by one word of all). Intel's "Intrinsics Guide" is the source of what each does.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

// The order is meant. Clang has a type __m128bh of its own, and SIMDe's is another.
// clang-format off
#include <emmintrin.h>
#define __m128bh unused_m128bh  // NOLINT(bugprone-reserved-identifier): Intel's name
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>
#undef __m128bh
#undef _mm_testz_si128
#undef _mm256_testz_si256
// clang-format on

namespace joinery::steer::avx512 {
inline namespace emulated {

using __mmask8 = simde__mmask8;    // NOLINT(bugprone-reserved-identifier): Intel's name
using __mmask32 = simde__mmask32;  // NOLINT(bugprone-reserved-identifier): Intel's name

template <typename Word, typename Register>
[[nodiscard]] auto Words(const Register& from) noexcept {
  return std::bit_cast<std::array<Word, sizeof(Register) / sizeof(Word)>>(from);
}

// Word by word where the mask says so, 0 elsewhere.
template <typename Operation>
[[nodiscard]] __m512i MapWords(__mmask8 mask, __m512i a, __m512i b, Operation operation) noexcept {
  const auto left = Words<uint64_t>(a);
  const auto right = Words<uint64_t>(b);
  std::array<uint64_t, 8> out{};
  for (size_t i = 0; i < out.size(); ++i) {
    if ((mask >> i & 1) != 0) out[i] = operation(left[i], right[i]);
  }
  return std::bit_cast<__m512i>(out);
}

// A shift by more than a word has bits leaves nothing.
[[nodiscard]] inline __m512i _mm512_maskz_sllv_epi64(__mmask8 mask, __m512i a, __m512i count) {
  return MapWords(mask, a, count, [](uint64_t x, uint64_t n) { return n > 63 ? 0 : x << n; });
}
[[nodiscard]] inline __m512i _mm512_maskz_srlv_epi64(__mmask8 mask, __m512i a, __m512i count) {
  return MapWords(mask, a, count, [](uint64_t x, uint64_t n) { return n > 63 ? 0 : x >> n; });
}
[[nodiscard]] inline __m512i _mm512_maskz_srli_epi64(__mmask8 mask, __m512i a, unsigned int n) {
  return _mm512_maskz_srlv_epi64(mask, a, _mm512_set1_epi64(n));
}

[[nodiscard]] inline __m128i _mm512_maskz_cvtepi64_epi16(__mmask8 mask, __m512i a) {
  const auto words = Words<uint64_t>(a);
  std::array<uint16_t, 8> out{};
  for (size_t i = 0; i < out.size(); ++i) {
    if ((mask >> i & 1) != 0) out[i] = static_cast<uint16_t>(words[i]);
  }
  return std::bit_cast<__m128i>(out);
}

[[nodiscard]] inline __mmask32 _mm512_mask_cmpeq_epi16_mask(__mmask32 mask, __m512i a, __m512i b) {
  const auto left = Words<uint16_t>(a);
  const auto right = Words<uint16_t>(b);
  __mmask32 equal = 0;
  for (size_t i = 0; i < left.size(); ++i) {
    if (left[i] == right[i]) equal |= __mmask32{1} << i;
  }
  return equal & mask;
}

// Only the bytes of the mask are read.
[[nodiscard]] inline __m256i _mm256_maskz_loadu_epi8(__mmask32 mask, const void* from) {
  const auto* bytes = static_cast<const uint8_t*>(from);
  std::array<uint8_t, 32> out{};
  for (size_t i = 0; i < out.size(); ++i) {
    if ((mask >> i & 1) != 0) out[i] = bytes[i];
  }
  return std::bit_cast<__m256i>(out);
}

// 1 when a and b have no bit in common.
template <typename Register>
[[nodiscard]] int TestZero(Register a, Register b) noexcept {
  const auto left = Words<uint64_t>(a);
  const auto right = Words<uint64_t>(b);
  for (size_t i = 0; i < left.size(); ++i) {
    if ((left[i] & right[i]) != 0) return 0;
  }
  return 1;
}
[[nodiscard]] inline int _mm_testz_si128(__m128i a, __m128i b) { return TestZero(a, b); }
[[nodiscard]] inline int _mm256_testz_si256(__m256i a, __m256i b) { return TestZero(a, b); }

inline void _mm512_mask_store_epi64(void* to, __mmask8 mask, __m512i a) {
  const auto words = Words<uint64_t>(a);
  auto* out = static_cast<uint64_t*>(to);
  for (size_t i = 0; i < words.size(); ++i) {
    if ((mask >> i & 1) != 0) out[i] = words[i];
  }
}

}  // namespace emulated
}  // namespace joinery::steer::avx512
