// FF1 decryption woven with AES-NI. A token alone waits for 100 AES rounds one after another; eight
// side by side fill the wait. Each lane is a register: the halves A and B are its top 32-bit word,
// because there they meet the last four bytes of Q.
#include <immintrin.h>

#include "tokenmap/ff1_radix2_engines.h"

namespace joinery::tokenmap::ff1 {
namespace {

using crypto::Aes128;

#define JOINERY_AESNI [[gnu::target("aes,ssse3")]]

constexpr size_t kLanes = 8;

JOINERY_AESNI inline __m128i Load(const Aes128::Block& block) noexcept {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(block.data()));
}

JOINERY_AESNI inline __m128i ToTopWord(uint32_t value) noexcept {
  return _mm_slli_si128(_mm_cvtsi32_si128(static_cast<int>(value)), 12);
}

JOINERY_AESNI inline uint32_t FromTopWord(__m128i lane) noexcept {
  return static_cast<uint32_t>(_mm_cvtsi128_si32(_mm_srli_si128(lane, 12)));
}

// The 16-bit half from the top word to bytes 14 and 15, big endian, and zeros elsewhere.
JOINERY_AESNI inline __m128i HalfToQ(__m128i half) noexcept {
  const __m128i shuffle =
      _mm_set_epi8(12, 13, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
  return _mm_shuffle_epi8(half, shuffle);
}

// Bytes 6 and 7 of R, big endian, to the top word.
JOINERY_AESNI inline __m128i RoundValue(__m128i r) noexcept {
  const __m128i shuffle =
      _mm_set_epi8(-1, -1, 6, 7, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
  return _mm_shuffle_epi8(r, shuffle);
}

// What the lanes are decrypted under: the same for all of them, or one for each.
class OneSetup {
 public:
  explicit OneSetup(const Ff1Radix2Setup& setup) noexcept : setup_(setup) {}
  const Ff1Radix2Setup& operator[](size_t) const noexcept { return setup_; }

 private:
  const Ff1Radix2Setup& setup_;
};

class EachSetup {
 public:
  explicit EachSetup(const Ff1Radix2Setup* const* setups) noexcept : setups_(setups) {}
  const Ff1Radix2Setup& operator[](size_t lane) const noexcept { return *setups_[lane]; }

 private:
  const Ff1Radix2Setup* const* setups_;
};

// Round i, in place: the half `to` loses the round's number made from the half `from`.
template <size_t kCount, typename Setups>
JOINERY_AESNI inline void UndoRound(const Setups& setups, int i, const __m128i (&from)[kCount],
                                    __m128i (&to)[kCount]) noexcept {
  const __m128i number = ToTopWord(static_cast<uint32_t>(i) << 8);  // byte 13
  __m128i state[kCount];
  for (size_t lane = 0; lane < kCount; ++lane) {
    const Ff1Radix2Setup& setup = setups[lane];
    const __m128i start = _mm_xor_si128(Load(setup.base), Load(setup.aes.round_keys()[0]));
    state[lane] = _mm_xor_si128(_mm_xor_si128(start, number), HalfToQ(from[lane]));
  }
  for (size_t round = 1; round < Aes128::kRounds; ++round) {
    for (size_t lane = 0; lane < kCount; ++lane) {
      state[lane] = _mm_aesenc_si128(state[lane], Load(setups[lane].aes.round_keys()[round]));
    }
  }
  for (size_t lane = 0; lane < kCount; ++lane) {
    const Ff1Radix2Setup& setup = setups[lane];
    const __m128i last = Load(setup.aes.round_keys()[Aes128::kRounds]);
    const __m128i y = RoundValue(_mm_aesenclast_si128(state[lane], last));
    to[lane] = _mm_and_si128(_mm_sub_epi32(to[lane], y), ToTopWord(HalfMask(setup.bits, i)));
  }
}

template <size_t kCount, typename Setups>
JOINERY_AESNI inline void DecryptLanes(const Setups& setups, uint32_t* bodies) noexcept {
  __m128i a[kCount];
  __m128i b[kCount];
  for (size_t lane = 0; lane < kCount; ++lane) {
    const uint8_t bits = setups[lane].bits;
    a[lane] = ToTopWord(bodies[lane] >> RightBits(bits));
    b[lane] = ToTopWord(bodies[lane] & HalfMask(bits, 1));
  }
  for (int i = Ff1Radix2::kRounds - 1; i > 0; i -= 2) {
    UndoRound(setups, i, a, b);
    UndoRound(setups, i - 1, b, a);
  }
  for (size_t lane = 0; lane < kCount; ++lane) {
    bodies[lane] = FromTopWord(a[lane]) << RightBits(setups[lane].bits) | FromTopWord(b[lane]);
  }
}

}  // namespace

JOINERY_AESNI void DecryptAesni(const Ff1Radix2Setup& setup, uint32_t* bodies,
                                size_t count) noexcept {
  const OneSetup one(setup);
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) DecryptLanes<kLanes>(one, bodies + i);
  if (i == count) return;
  if (count - i == 1) return DecryptLanes<1>(one, bodies + i);
  // Eight lanes take little longer than two, so the rest goes with spare lanes.
  uint32_t rest[kLanes] = {};
  for (size_t lane = 0; i + lane < count; ++lane) rest[lane] = bodies[i + lane];
  DecryptLanes<kLanes>(one, rest);
  for (size_t lane = 0; i + lane < count; ++lane) bodies[i + lane] = rest[lane];
}

JOINERY_AESNI void DecryptEachAesni(const Ff1Radix2Setup* const* setups, uint32_t* bodies,
                                    size_t count) noexcept {
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    DecryptLanes<kLanes>(EachSetup(setups + i), bodies + i);
  }
  if (i == count) return;
  if (count - i == 1) return DecryptLanes<1>(EachSetup(setups + i), bodies + i);
  uint32_t rest[kLanes] = {};
  const Ff1Radix2Setup* rest_setups[kLanes];
  for (size_t lane = 0; lane < kLanes; ++lane) {
    rest_setups[lane] = setups[i + lane < count ? i + lane : i];
    if (i + lane < count) rest[lane] = bodies[i + lane];
  }
  DecryptLanes<kLanes>(EachSetup(rest_setups), rest);
  for (size_t lane = 0; i + lane < count; ++lane) bodies[i + lane] = rest[lane];
}

#undef JOINERY_AESNI

}  // namespace joinery::tokenmap::ff1
