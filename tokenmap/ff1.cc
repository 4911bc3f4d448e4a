#include "tokenmap/ff1.h"

#include <array>
#include <bit>

#include <fmt/format.h>

namespace joinery::tokenmap {
namespace {

using Uint128 = unsigned __int128;
using Bytes = std::vector<uint8_t>;

constexpr uint8_t kRounds = 10;
constexpr size_t kBlockBytes = 16;

void AppendBe(Bytes& out, uint64_t value, size_t bytes) {
  for (size_t i = bytes; i-- > 0;) {
    out.push_back(i < 8 ? static_cast<uint8_t>(value >> (8 * i)) : uint8_t{0});
  }
}

// NUM_radix(X), algorithm 1.
uint64_t Number(const Ff1::Numerals& numerals, uint32_t radix) {
  uint64_t x = 0;
  for (const uint32_t numeral : numerals) x = x * radix + numeral;
  return x;
}

// STR_radix^m(x), algorithm 3.
Ff1::Numerals Text(uint64_t x, uint32_t radix, size_t m) {
  Ff1::Numerals numerals(m);
  for (size_t i = m; i-- > 0;) {
    numerals[i] = static_cast<uint32_t>(x % radix);
    x /= radix;
  }
  return numerals;
}

Uint128 Power(uint32_t radix, size_t exponent) {
  Uint128 power = 1;
  for (size_t i = 0; i < exponent; ++i) power *= radix;
  return power;
}

// PRF(X), algorithm 6: CBC-MAC from a zero block.
std::array<uint8_t, kBlockBytes> Prf(const Ff1::Cipher& cipher, std::span<const uint8_t> text) {
  std::array<uint8_t, kBlockBytes> y{};
  for (size_t at = 0; at < text.size(); at += kBlockBytes) {
    std::array<uint8_t, kBlockBytes> x;
    for (size_t i = 0; i < kBlockBytes; ++i) x[i] = static_cast<uint8_t>(y[i] ^ text[at + i]);
    cipher(x, y);
  }
  return y;
}

}  // namespace

// The standard's names, steps 1 to 5.
struct Ff1::Split {
  size_t u;  // numerals of A
  size_t v;  // numerals of B
  size_t b;  // bytes that hold a number of v numerals
  size_t d;  // bytes of S that make y
  Bytes p;
};

Expected<Ff1> Ff1::Create(Cipher cipher, uint32_t radix, std::vector<uint8_t> tweak) {
  if (radix < kMinRadix || radix > kMaxRadix) {
    return Fail(
        fmt::format("radix {} is out of range; allowed {}..{}", radix, kMinRadix, kMaxRadix));
  }
  return Ff1(std::move(cipher), radix, std::move(tweak));
}

Expected<Ff1::Split> Ff1::SplitOf(const Numerals& text) const {
  const size_t n = text.size();
  if (n < 2) return Fail(fmt::format("a string of {} numerals is too short; allowed 2 or more", n));
  for (const uint32_t numeral : text) {
    if (numeral >= radix_) {
      return Fail(fmt::format("numeral {} is too large; allowed 0..{}", numeral, radix_ - 1));
    }
  }
  Split split;
  split.u = n / 2;
  split.v = n - split.u;
  // ceil(v * log2(radix)) is the number of bits of radix^v - 1, exactly.
  Uint128 largest = 1;
  for (size_t i = 0; i < split.v; ++i) {
    largest *= radix_;
    if (largest - 1 > UINT64_MAX) {
      return Fail(
          fmt::format("a string of {} numerals of radix {} is too long; each half may have "
                      "at most 2^64 values",
                      n, radix_));
    }
  }
  const auto bits = static_cast<size_t>(std::bit_width(static_cast<uint64_t>(largest - 1)));
  split.b = (bits + 7) / 8;
  split.d = 4 * ((split.b + 3) / 4) + 4;
  split.p = {1, 2, 1};
  AppendBe(split.p, radix_, 3);
  split.p.push_back(kRounds);
  split.p.push_back(static_cast<uint8_t>(split.u % 256));
  AppendBe(split.p, n, 4);
  AppendBe(split.p, tweak_.size(), 4);
  return split;
}

Uint128 Ff1::RoundValue(const Split& split, uint8_t i, const Numerals& half) const {
  // Q = T || 0^((-t - b - 1) mod 16) || i || half; the PRF takes P || Q.
  Bytes text = split.p;
  text.insert(text.end(), tweak_.begin(), tweak_.end());
  while ((text.size() + 1 + split.b) % kBlockBytes != 0) text.push_back(0);
  text.push_back(i);
  AppendBe(text, Number(half, radix_), split.b);
  const auto r = Prf(cipher_, text);
  // d is at most 12 here (b at most 8), so S is the first d bytes of R.
  Uint128 y = 0;
  for (size_t byte = 0; byte < split.d; ++byte) y = y << 8 | r[byte];
  return y;
}

Expected<Ff1::Numerals> Ff1::Encrypt(const Numerals& text) const {
  const auto split = SplitOf(text);
  if (!split) return tl::unexpected(split.error());
  const auto middle = text.begin() + static_cast<std::ptrdiff_t>(split->u);
  Numerals a(text.begin(), middle);
  Numerals b(middle, text.end());
  for (uint8_t i = 0; i < kRounds; ++i) {
    const size_t m = i % 2 == 0 ? split->u : split->v;
    const Uint128 modulus = Power(radix_, m);
    const Uint128 c = (Number(a, radix_) + RoundValue(*split, i, b) % modulus) % modulus;
    a = b;
    b = Text(static_cast<uint64_t>(c), radix_, m);
  }
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Expected<Ff1::Numerals> Ff1::Decrypt(const Numerals& text) const {
  const auto split = SplitOf(text);
  if (!split) return tl::unexpected(split.error());
  const auto middle = text.begin() + static_cast<std::ptrdiff_t>(split->u);
  Numerals a(text.begin(), middle);
  Numerals b(middle, text.end());
  for (uint8_t i = kRounds; i-- > 0;) {
    const size_t m = i % 2 == 0 ? split->u : split->v;
    const Uint128 modulus = Power(radix_, m);
    const Uint128 c = (Number(b, radix_) + modulus - RoundValue(*split, i, a) % modulus) % modulus;
    b = a;
    a = Text(static_cast<uint64_t>(c), radix_, m);
  }
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace joinery::tokenmap
