#include "tokenmap/ff1.h"

#define OPENSSL_SUPPRESS_DEPRECATED  // AES-192 and AES-256 are in this test only
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <openssl/aes.h>

#include "base/hex.h"
#include "base/random.h"

namespace joinery::tokenmap {
namespace {

Ff1::Cipher AesCipher(std::string_view key_hex) {
  const auto key_bytes = FromHex(key_hex);
  auto key = std::make_shared<AES_KEY>();
  AES_set_encrypt_key(key_bytes->data(), static_cast<int>(8 * key_bytes->size()), key.get());
  return [key](std::span<const uint8_t, 16> in, std::span<uint8_t, 16> out) {
    AES_encrypt(in.data(), out.data(), key.get());
  };
}

constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuvwxyz";

Ff1::Numerals ToNumerals(std::string_view text) {
  Ff1::Numerals numerals;
  for (const char c : text) numerals.push_back(static_cast<uint32_t>(kDigits.find(c)));
  return numerals;
}

std::string ToText(const Ff1::Numerals& numerals) {
  std::string text;
  for (const uint32_t numeral : numerals) text += kDigits.at(numeral);
  return text;
}

struct Sample {
  std::string_view name;
  std::string_view key;
  uint32_t radix;
  std::string_view tweak;
  std::string_view plain;
  std::string_view cipher;
};

constexpr std::string_view kKey128 = "2b7e151628aed2a6abf7158809cf4f3c";
constexpr std::string_view kKey192 = "2b7e151628aed2a6abf7158809cf4f3cef4359d8d580aa4f";
constexpr std::string_view kKey256 =
    "2b7e151628aed2a6abf7158809cf4f3cef4359d8d580aa4f7f036d6f04fc6a94";
constexpr std::string_view kTweak10 = "39383736353433323130";
constexpr std::string_view kTweak36 = "3737373770717273373737";

// NIST, "Block Cipher Modes of Operation: FF1 Method for Format-Preserving Encryption"
// (FF1samples).
constexpr Sample kSamples[] = {
    {.name = "FF1-AES128 sample 1",
     .key = kKey128,
     .radix = 10,
     .tweak = "",
     .plain = "0123456789",
     .cipher = "2433477484"},
    {.name = "FF1-AES128 sample 2",
     .key = kKey128,
     .radix = 10,
     .tweak = kTweak10,
     .plain = "0123456789",
     .cipher = "6124200773"},
    {.name = "FF1-AES128 sample 3",
     .key = kKey128,
     .radix = 36,
     .tweak = kTweak36,
     .plain = "0123456789abcdefghi",
     .cipher = "a9tv40mll9kdu509eum"},
    {.name = "FF1-AES192 sample 4",
     .key = kKey192,
     .radix = 10,
     .tweak = "",
     .plain = "0123456789",
     .cipher = "2830668132"},
    {.name = "FF1-AES192 sample 5",
     .key = kKey192,
     .radix = 10,
     .tweak = kTweak10,
     .plain = "0123456789",
     .cipher = "2496655549"},
    {.name = "FF1-AES192 sample 6",
     .key = kKey192,
     .radix = 36,
     .tweak = kTweak36,
     .plain = "0123456789abcdefghi",
     .cipher = "xbj3kv35jrawxv32ysr"},
    {.name = "FF1-AES256 sample 7",
     .key = kKey256,
     .radix = 10,
     .tweak = "",
     .plain = "0123456789",
     .cipher = "6657667009"},
    {.name = "FF1-AES256 sample 8",
     .key = kKey256,
     .radix = 10,
     .tweak = kTweak10,
     .plain = "0123456789",
     .cipher = "1001623463"},
    {.name = "FF1-AES256 sample 9",
     .key = kKey256,
     .radix = 36,
     .tweak = kTweak36,
     .plain = "0123456789abcdefghi",
     .cipher = "xs8a0azh2avyalyzuwd"},
};

TEST(Ff1, MeetsNistsSamples) {
  for (const Sample& sample : kSamples) {
    const auto ff1 = Ff1::Create(AesCipher(sample.key), sample.radix, *FromHex(sample.tweak));
    ASSERT_TRUE(ff1) << sample.name;
    EXPECT_EQ(ToText(ff1->Encrypt(ToNumerals(sample.plain)).value()), sample.cipher) << sample.name;
    EXPECT_EQ(ToText(ff1->Decrypt(ToNumerals(sample.cipher)).value()), sample.plain) << sample.name;
  }
}

TEST(Ff1, DecryptsWhatItEncrypts) {
  SeededRandom random(38);
  for (int i = 0; i < 2'000; ++i) {
    const uint32_t radix = 2 + random.Below(Ff1::kMaxRadix - 1);
    std::vector<uint8_t> tweak(random.Below(40));
    random.Fill(tweak);
    const auto ff1 = Ff1::Create(AesCipher(kKey128), radix, tweak);
    ASSERT_TRUE(ff1);
    Ff1::Numerals plain(2 + random.Below(7));
    for (uint32_t& numeral : plain) numeral = random.Below(radix);
    const auto cipher = ff1->Encrypt(plain);
    ASSERT_TRUE(cipher) << cipher.error().message;
    EXPECT_EQ(ff1->Decrypt(*cipher).value(), plain) << "case " << i << " radix " << radix;
  }
}

struct Refusal {
  std::string_view name;
  uint32_t radix;
  Ff1::Numerals text;
  std::string_view message;
};

TEST(Ff1, RefusesWhatItCannotEncrypt) {
  const Refusal refusals[] = {
      {.name = "radix 1",
       .radix = 1,
       .text = {0, 0},
       .message = "radix 1 is out of range; allowed 2..65536"},
      {.name = "radix 65537",
       .radix = 65537,
       .text = {0, 0},
       .message = "radix 65537 is out of range; allowed 2..65536"},
      {.name = "one numeral",
       .radix = 2,
       .text = {1},
       .message = "a string of 1 numerals is too short; allowed 2 or more"},
      {.name = "numeral too large",
       .radix = 10,
       .text = {1, 10},
       .message = "numeral 10 is too large; allowed 0..9"},
      {.name = "half over 64 bits",
       .radix = 2,
       .text = Ff1::Numerals(129, 0),
       .message = "a string of 129 numerals of radix 2 is too long; each half may have at most "
                  "2^64 values"},
  };
  for (const Refusal& row : refusals) {
    const auto ff1 = Ff1::Create(AesCipher(kKey128), row.radix, {});
    const auto outcome = ff1 ? ff1->Encrypt(row.text) : tl::unexpected(ff1.error());
    ASSERT_FALSE(outcome) << row.name;
    EXPECT_EQ(outcome.error().message, row.message) << row.name;
    if (ff1) {
      EXPECT_EQ(ff1->Decrypt(row.text).error().message, row.message) << row.name;
    }
  }
}

TEST(Ff1, TakesHalvesOfExactly64Bits) {
  const auto ff1 = Ff1::Create(AesCipher(kKey128), 2, {}).value();
  const Ff1::Numerals ones(128, 1);
  EXPECT_EQ(ff1.Decrypt(ff1.Encrypt(ones).value()).value(), ones);
}

}  // namespace
}  // namespace joinery::tokenmap
