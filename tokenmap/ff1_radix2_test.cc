// The fast permutation against the slow twin and the C header, over all engines: exhaustively on
// small domains, then on random input at the sizes that tokens have.
#include "tokenmap/ff1_radix2.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "tokenmap/c/ff1_radix2_cxx.h"
#include "tokenmap/ff1_radix2_twin.h"

namespace joinery::tokenmap {
namespace {

using crypto::Aes128;
using crypto::AesEngine;

constexpr crypto::Key128::Bytes kKey = {0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6,
                                        0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c};
constexpr PoolId kPool(7);
constexpr Serial kSerial(0x0102030405060708);

std::vector<AesEngine> Engines() {
  std::vector<AesEngine> engines;
  std::copy_if(crypto::kAesEngines.begin(), crypto::kAesEngines.end(), std::back_inserter(engines),
               crypto::IsSupported);
  return engines;
}

class SmallDomain : public testing::TestWithParam<uint8_t> {};

// Every value: the twin's result (of 18 bits, each 31st value's), and no result twice.
TEST_P(SmallDomain, IsTheTwinsPermutation) {
  const uint8_t bits = GetParam();
  const uint32_t size = 1U << bits;
  const uint32_t twin_stride = bits == Ff1Radix2::kMinBits ? 1 : 31;  // the twin is slow
  const Ff1Radix2Twin twin(kKey, kPool, kSerial, bits);
  const Ff1Radix2 fast(kKey, kPool, kSerial, bits);
  std::vector<uint32_t> encrypted(size);
  std::vector<bool> seen(size);
  for (uint32_t value = 0; value < size; ++value) {
    encrypted[value] = fast.Encrypt(value);
    ASSERT_LT(encrypted[value], size);
    ASSERT_FALSE(seen[encrypted[value]]) << value;
    seen[encrypted[value]] = true;
    if (value % twin_stride != 0) continue;
    ASSERT_EQ(encrypted[value], twin.Encrypt(value)) << value;
  }
  for (const AesEngine engine : Engines()) {
    if (engine == AesEngine::kGeneric) continue;  // slow; it has the random test below
    std::vector<uint32_t> decrypted = encrypted;
    Ff1Radix2(kKey, kPool, kSerial, bits, engine).DecryptBurst(decrypted);
    for (uint32_t value = 0; value < size; ++value) {
      ASSERT_EQ(decrypted[value], value) << Name(engine);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Bits, SmallDomain, testing::Values(uint8_t{17}, uint8_t{18}));

TEST(Ff1Radix2, EqualsItsTwinsOnRandomInput) {
  SeededRandom random(29);
  for (int i = 0; i < 3'000; ++i) {
    crypto::Key128::Bytes key;
    random.Fill(key);
    const PoolId pool(random.Uint32());
    const Serial serial(random.Uint64());
    const auto bits = static_cast<uint8_t>(i % 4 == 0 ? 17 + random.Below(16) : 29 + i % 2);
    const uint32_t body = random.Uint32() >> (32 - bits);
    const Ff1Radix2Twin twin(key, pool, serial, bits);
    const uint32_t expected = twin.Encrypt(body);
    ASSERT_EQ(twin.Decrypt(expected), body) << "case " << i;

    const Aes128 aes(key);
    joinery_ff1 c;
    joinery_ff1_init(&c, &aes, bits, pool.value(), serial.value());
    ASSERT_EQ(joinery_ff1_encrypt(&c, &aes, body), expected) << "C, case " << i;
    ASSERT_EQ(joinery_ff1_decrypt(&c, &aes, expected), body) << "C, case " << i;
    for (const AesEngine engine : Engines()) {
      const Ff1Radix2 fast(key, pool, serial, bits, engine);
      ASSERT_EQ(fast.Encrypt(body), expected) << Name(engine) << ", case " << i;
      ASSERT_EQ(fast.Decrypt(expected), body) << Name(engine) << ", case " << i;
    }
  }
}

// Every count up to 70 meets full groups, spare lanes and single tokens.
TEST(Ff1Radix2, BurstsOfAnySizeAgree) {
  SeededRandom random(32);
  for (const AesEngine engine : Engines()) {
    for (const uint8_t bits : {uint8_t{29}, uint8_t{30}}) {
      const Ff1Radix2 fast(kKey, kPool, kSerial, bits, engine);
      for (size_t count = 0; count <= 70; ++count) {
        std::vector<uint32_t> plain(count);
        for (uint32_t& body : plain) body = random.Uint32() >> (32 - bits);
        std::vector<uint32_t> burst(count + 1, 0xa5a5a5a5);
        std::transform(plain.begin(), plain.end(), burst.begin(),
                       [&](uint32_t body) { return fast.Encrypt(body); });
        fast.DecryptBurst(std::span(burst).first(count));
        ASSERT_TRUE(std::equal(plain.begin(), plain.end(), burst.begin()))
            << Name(engine) << " count " << count;
        ASSERT_EQ(burst.back(), 0xa5a5a5a5) << Name(engine) << " wrote past " << count;
      }
    }
  }
}

// As tokens of several pools and generations in one burst are: another key, tweak and length each.
TEST(Ff1Radix2, EachByItsOwnPermutationAgrees) {
  SeededRandom random(33);
  for (const AesEngine engine : Engines()) {
    std::vector<Ff1Radix2> permutations;
    for (uint32_t i = 0; i < 8; ++i) {
      crypto::Key128::Bytes key;
      random.Fill(key);
      const auto bits = static_cast<uint8_t>(i % 4 == 3 ? 17 + random.Below(16) : 29 + i % 2);
      permutations.emplace_back(key, PoolId(i), Serial(random.Uint64()), bits, engine);
    }
    for (size_t count = 0; count <= 70; ++count) {
      std::vector<const Ff1Radix2*> chosen;
      std::vector<uint32_t> plain;
      std::vector<uint32_t> burst;
      for (size_t i = 0; i < count; ++i) {
        chosen.push_back(&permutations[random.Below(8)]);
        plain.push_back(random.Uint32() & 0x1ffff);  // a body of the shortest too
        burst.push_back(chosen.back()->Encrypt(plain.back()));
      }
      burst.push_back(0xa5a5a5a5);
      Ff1Radix2::DecryptEach(chosen, std::span(burst).first(count));
      ASSERT_TRUE(std::equal(plain.begin(), plain.end(), burst.begin()))
          << Name(engine) << " count " << count;
      ASSERT_EQ(burst.back(), 0xa5a5a5a5) << Name(engine) << " wrote past " << count;
    }
  }
}

struct Change {
  std::string_view name;
  Ff1Radix2 other;
};

TEST(Ff1Radix2, DependsOnKeyPoolAndSerial) {
  crypto::Key128::Bytes other_key = kKey;
  other_key[15] ^= 1;
  const Change changes[] = {
      {.name = "key", .other = Ff1Radix2(other_key, kPool, kSerial, 30)},
      {.name = "pool", .other = Ff1Radix2(kKey, PoolId(8), kSerial, 30)},
      {.name = "serial", .other = Ff1Radix2(kKey, kPool, Serial(kSerial.value() + 1), 30)},
  };
  const Ff1Radix2 original(kKey, kPool, kSerial, 30);
  for (const Change& change : changes) {
    int equal = 0;
    for (uint32_t body = 0; body < 1000; ++body) {
      equal += original.Encrypt(body) == change.other.Encrypt(body) ? 1 : 0;
    }
    EXPECT_LE(equal, 1) << change.name;
  }
}

}  // namespace
}  // namespace joinery::tokenmap
