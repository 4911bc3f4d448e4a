// The permutation in a cookie, over the whole of its domain, for every width: that it is one, that
// the header undoes it, and how close to a random one it looks to somebody who does not know the
// key. docs/decisions/0006-cookie-round-function.md gives the same numbers for other choices.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "tokenmap/c/timestamp_cookie.h"
#include "tokenmap/cookie_twin.h"
#include "tokenmap/timestamp_cookie.h"

namespace joinery::tokenmap {
namespace {

// One pool's epoch; each flow, and so each hash, has a permutation of its own.
joinery_cookie_epoch MakeEpoch(Random& random, unsigned code_bits) {
  joinery_cookie_epoch epoch{};
  const auto id_bits = static_cast<uint8_t>(code_bits - kCookieCheckBits);
  EXPECT_EQ(joinery_cookie_init(&epoch, random.Uint64(), random.Uint64(), 4, id_bits), 0);
  EXPECT_EQ(epoch.code_bits, code_bits);
  return epoch;
}

constexpr unsigned kFewestBits = JOINERY_COOKIE_MIN_CODE_BITS;
constexpr unsigned kMostBits = JOINERY_COOKIE_MAX_ID_BITS + JOINERY_COOKIE_CHECK_BITS;

TEST(CookiePermutation, IsABijectionThatTheHeaderUndoes) {
  SeededRandom random(1);
  for (unsigned bits = kFewestBits; bits <= kMostBits; ++bits) {
    for (int i = 0; i < 64; ++i) {
      const joinery_cookie_epoch epoch = MakeEpoch(random, bits);
      // The weakest of hashes are permutations too.
      const uint64_t hash = i == 0 ? 0 : i == 1 ? UINT64_MAX : random.Uint64();
      std::vector<bool> seen(size_t{1} << bits);
      for (uint32_t value = 0; value < seen.size(); ++value) {
        const uint32_t code = joinery_cookie_permute(&epoch, hash, value);
        ASSERT_LT(code, seen.size());
        ASSERT_FALSE(seen[code]) << "two values have one code";
        seen[code] = true;
        ASSERT_EQ(joinery_cookie_unpermute(&epoch, hash, code), value);
      }
    }
  }
}

TEST(CookiePermutation, IsTheSlowTwins) {
  SeededRandom random(2);
  for (unsigned bits = kFewestBits; bits <= kMostBits; ++bits) {
    crypto::Key128::Bytes bytes;
    random.Fill(bytes);
    const auto id_bits = static_cast<uint8_t>(bits - kCookieCheckBits);
    const CookieTwin twin(bytes, 4, id_bits);
    uint64_t key[2];
    std::memcpy(key, bytes.data(), sizeof key);
    joinery_cookie_epoch epoch{};
    ASSERT_EQ(joinery_cookie_init(&epoch, key[0], key[1], 4, id_bits), 0);
    for (int i = 0; i < 400; ++i) {
      const uint64_t hash = random.Uint64();
      const uint32_t value = random.Below(1U << bits);
      ASSERT_EQ(joinery_cookie_permute(&epoch, hash, value), twin.Permute(hash, value));
    }
  }
}

// What differs in the code when one bit of the value differs, over random hashes and values.
struct Differences {
  std::vector<uint32_t> count;  // by difference
  uint32_t pairs = 0;
};

Differences DifferencesOf(Random& random, const joinery_cookie_epoch& epoch, uint32_t flipped) {
  Differences out{.count = std::vector<uint32_t>(size_t{1} << epoch.code_bits)};
  for (out.pairs = 0; out.pairs < 200'000; ++out.pairs) {
    const uint64_t hash = random.Uint64();
    const uint32_t value = random.Below(1U << epoch.code_bits);
    ++out.count[joinery_cookie_permute(&epoch, hash, value) ^
                joinery_cookie_permute(&epoch, hash, value ^ flipped)];
  }
  return out;
}

// How far from one half the flips of one bit of the code are, at worst.
double WorstAvalanche(const Differences& differences, unsigned bits) {
  double worst = 0;
  for (unsigned bit = 0; bit < bits; ++bit) {
    uint64_t flips = 0;
    for (uint32_t d = 0; d < differences.count.size(); ++d) {
      if ((d >> bit & 1) != 0) flips += differences.count[d];
    }
    worst = std::max(worst, std::abs(static_cast<double>(flips) / differences.pairs - 0.5));
  }
  return worst;
}

TEST(CookiePermutation, EveryBitOfAValueReachesEveryBitOfItsCode) {
  SeededRandom random(3);
  for (unsigned bits = kFewestBits; bits <= kMostBits; ++bits) {
    const joinery_cookie_epoch epoch = MakeEpoch(random, bits);
    double worst = 0;
    for (unsigned bit = 0; bit < bits; ++bit) {
      const Differences differences = DifferencesOf(random, epoch, 1U << bit);
      worst = std::max(worst, WorstAvalanche(differences, bits));
      // No difference of codes is likely: what a value's neighbour gets can not be guessed.
      const double likeliest = std::ranges::max(differences.count) / double{2e5};
      EXPECT_LT(likeliest * (1U << bits), bits < 12 ? 1.5 : 4) << bits << " bits, bit " << bit;
    }
    RecordProperty("avalanche_" + std::to_string(bits), std::to_string(worst));
    EXPECT_LT(worst, bits == kFewestBits ? 0.02 : 0.01) << bits << " bits";
  }
}

// For a value and its inverse: over random flows every code is as likely as any other.
TEST(CookiePermutation, AValueSaysNothingWithoutTheFlow) {
  SeededRandom random(4);
  for (unsigned bits = kFewestBits; bits <= kMostBits; ++bits) {
    const joinery_cookie_epoch epoch = MakeEpoch(random, bits);
    for (const uint32_t value : {0U, 8U, 1U << (bits - 1), (1U << bits) - 1}) {
      std::vector<uint32_t> codes(size_t{1} << bits), values(codes.size());
      const double expected = 40;
      const auto flows = static_cast<uint32_t>(expected * static_cast<double>(codes.size()));
      for (uint32_t i = 0; i < flows; ++i) {
        const uint64_t hash = random.Uint64();
        ++codes[joinery_cookie_permute(&epoch, hash, value)];
        ++values[joinery_cookie_unpermute(&epoch, hash, value)];
      }
      for (const std::vector<uint32_t>& counts : {codes, values}) {
        double chi_squared = 0;
        for (const uint32_t n : counts) {
          chi_squared += (n - expected) * (n - expected) / expected;
        }
        // In standard deviations; 32 of these are drawn twice, so 4.5 is not seen by chance.
        const double degrees = static_cast<double>(counts.size()) - 1;
        EXPECT_LT(std::abs(chi_squared - degrees) / std::sqrt(2 * degrees), 4.5)
            << bits << " bits, value " << value;
      }
    }
  }
}

// Who has a code that is valid changes it, by whatever he likes best: the check bits still are
// zero one time in eight only.
TEST(CookiePermutation, NoChangeOfAValidCodeIsLikelyToBeValid) {
  SeededRandom random(5);
  for (unsigned bits = kFewestBits; bits <= 11; ++bits) {
    const joinery_cookie_epoch epoch = MakeEpoch(random, bits);
    const uint32_t codes = 1U << bits;
    std::vector<uint32_t> passed(codes);
    constexpr uint32_t kFlows = 20'000;
    for (uint32_t i = 0; i < kFlows; ++i) {
      const uint64_t hash = random.Uint64();
      const uint32_t id = random.Below(codes >> kCookieCheckBits);
      const uint32_t code = joinery_cookie_permute(&epoch, hash, id << kCookieCheckBits);
      for (uint32_t change = 1; change < codes; ++change) {
        uint32_t unused = 0;
        passed[change] += joinery_cookie_decode(&epoch, hash, code ^ change, &unused) != 0 ? 1 : 0;
      }
    }
    const double worst = static_cast<double>(std::ranges::max(passed)) / kFlows;
    RecordProperty("forged_" + std::to_string(bits), std::to_string(worst));
    EXPECT_LT(worst, 0.14) << bits << " bits";
  }
}

}  // namespace
}  // namespace joinery::tokenmap
