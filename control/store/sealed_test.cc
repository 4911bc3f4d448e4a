#include "control/store/sealed.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/hex.h"
#include "control/store/gcm.h"

namespace joinery::control {
namespace {

StateKey KeyOf(uint8_t fill) {
  std::array<uint8_t, StateKey::kBytes> bytes{};
  bytes.fill(fill);
  return StateKey(bytes);
}

const StateImage kImage{.epoch = 3, .sequence = 17, .body = R"({"pools":[]})"};

std::string Sealed(const std::optional<StateKey>& key) {
  SeededRandom random(1);
  return *Seal(kImage, key, random);
}

std::string ErrorOf(const std::string& bytes, const std::optional<StateKey>& key = {}) {
  const auto image = Unseal(bytes, key);
  return image ? "no error" : image.error().message;
}

void ExpectImage(const Expected<StateImage>& image) {
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->epoch, kImage.epoch);
  EXPECT_EQ(image->sequence, kImage.sequence);
  EXPECT_EQ(image->body, kImage.body);
}

// NIST CAVP, gcmEncryptExtIV256.rsp: Keylen 256, IVlen 96, PTlen 128, AADlen 128, Count 0.
TEST(Gcm, MatchesNist) {
  const auto key = *FromHex("92e11dcdaa866f5ce790fd24501f92509aacf4cb8b1339d50c9c1240935dd08b");
  GcmNonce nonce{};
  std::ranges::copy(*FromHex("ac93a1a6145299bde902f21a"), nonce.begin());
  const auto plain = *FromHex("2d71bcfa914e4ac045b2aa60955fad24");
  const auto associated = *FromHex("1e0889016f67601c8ebea4943bc23ad6");
  const auto text = [](const std::vector<uint8_t>& bytes) {
    return std::string(bytes.begin(), bytes.end());
  };
  const StateKey state_key{std::span(key).first<StateKey::kBytes>()};
  const auto sealed = GcmEncrypt(state_key, nonce, text(associated), text(plain));
  ASSERT_TRUE(sealed);
  EXPECT_EQ(sealed->cipher, text(*FromHex("8995ae2e6df3dbf96fac7b7137bae67f")));
  EXPECT_EQ(ToHex(sealed->tag), "eca5aa77d51d4a0a14d9c51e1da474ab");
  EXPECT_EQ(GcmDecrypt(state_key, nonce, text(associated), sealed->cipher, sealed->tag),
            text(plain));
}

TEST(Sealed, ShowsWhatItIsInItsFirstLine) {
  EXPECT_EQ(Sealed({}),
            "joinery-control-state 1 epoch=3 sequence=17 length=12 cipher=none "
            "sha256=33f95b0793c60bfb78aa7f571c43c8561fc68494d7c30e40584e24e60da5a692\n"
            "{\"pools\":[]}");
}

TEST(Sealed, OpensAgain) {
  ExpectImage(Unseal(Sealed({}), {}));
  ExpectImage(Unseal(Sealed(KeyOf(1)), KeyOf(1)));
  ExpectImage(Unseal(Sealed({}), KeyOf(1)));
}

TEST(Sealed, HidesTheBody) { EXPECT_EQ(Sealed(KeyOf(1)).find("pools"), std::string::npos); }

TEST(Sealed, NeverUsesANonceTwice) {
  SeededRandom random(1);
  EXPECT_NE(*Seal(kImage, KeyOf(1), random), *Seal(kImage, KeyOf(1), random));
}

TEST(Sealed, SaysWhatTheBytesAreInstead) {
  EXPECT_EQ(ErrorOf(""), "is empty; restore it from a backup, or remove it to start anew");
  EXPECT_EQ(ErrorOf("{\"a\": 1}"), "is no state of joinery-control");
  EXPECT_EQ(ErrorOf("joinery-control-state 1 epoch=3"), "is cut off in its first line");
  EXPECT_EQ(ErrorOf("joinery-control-state 2 epoch=3\n"),
            "has format 2; this program reads format 1");
  EXPECT_EQ(ErrorOf("joinery-control-state x\n"), "has a damaged first line");
  EXPECT_EQ(ErrorOf("joinery-control-state 1 epoch=x\n"), "has a damaged first line");
  EXPECT_EQ(ErrorOf("joinery-control-state 1 epoch=1 sequence=1 length=0 cipher=rot13\n"),
            "has a damaged first line");
  EXPECT_EQ(ErrorOf(Sealed(KeyOf(1))), "is encrypted; control.state_key_file must name its key");
  EXPECT_EQ(ErrorOf(Sealed(KeyOf(1)), KeyOf(2)),
            "does not decrypt: it was changed, or encrypted under another key");
}

// Whatever single byte is changed, and wherever it is cut off: an error, never another state.
TEST(Sealed, EveryChangeShows) {
  for (const std::optional<StateKey>& key : {std::optional<StateKey>(), std::optional(KeyOf(1))}) {
    const std::string good = Sealed(key);
    for (size_t i = 0; i < good.size(); ++i) {
      EXPECT_FALSE(Unseal(good.substr(0, i), key)) << "cut off after " << i;
    }
    // In clear the epoch and sequence in the first line are not authenticated: nobody who can write
    // the file needs that.
    const size_t from = key ? good.find(' ') : good.find('\n') + 1;
    for (size_t i = from; i < good.size(); ++i) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ 1);
      const auto image = Unseal(bad, key);
      EXPECT_FALSE(image && image->body != kImage.body) << "changed at " << i;
      EXPECT_FALSE(image && i > good.find('\n')) << "changed at " << i;
    }
  }
}

}  // namespace
}  // namespace joinery::control
