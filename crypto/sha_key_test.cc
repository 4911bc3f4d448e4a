#include "crypto/sha_key.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "base/random.h"

namespace joinery::crypto {
namespace {

struct Row {
  uint64_t key;
  std::string_view sha1;
  std::string_view sha256;
};

// The key's 8 bytes in network order through `sha1sum` and `sha256sum` (GNU coreutils).
constexpr Row kRows[] = {
    {.key = 0x0000000000000000,
     .sha1 = "05fe405753166f125559e7c9ac558654f107c7e9",
     .sha256 = "af5570f5a1810b7af78caf4bc70a660f0df51e42baf91d4de5b2328de0e83dfc"},
    {.key = 0x0123456789abcdef,
     .sha1 = "0ca2eadb529ac2e63abf9b4ae3df8ee121f10547",
     .sha256 = "55c53f5d490297900cefa825d0c8e8e9532ee8a118abe7d8570762cd38be9818"},
    {.key = 0xffffffffffffffff,
     .sha1 = "be673e8a56eaa9d8c1d35064866701c11ef8e089",
     .sha256 = "12a3ae445661ce5dee78d0650d33362dec29c4f82af05e7e57fb595bbbacf0ca"},
};

TEST(ShaOfKey, IsTheHashOfTheKeysBytes) {
  for (const Row& row : kRows) {
    for (const ShaEngine engine : kShaEngines) {
      if (!IsSupported(engine)) continue;
      EXPECT_EQ(ToHex(Sha1OfKey(row.key, engine)), row.sha1) << Name(engine);
      EXPECT_EQ(ToHex(Sha256OfKey(row.key, engine)), row.sha256) << Name(engine);
    }
  }
}

TEST(ShaOfKey, EnginesAgreeOnRandomKeys) {
  SeededRandom random(180);
  for (int i = 0; i < 50'000; ++i) {
    const uint64_t key = random.Uint64();
    ASSERT_EQ(Sha1OfKey(key), Sha1OfKey(key, ShaEngine::kOpenssl)) << std::hex << key;
    ASSERT_EQ(Sha256OfKey(key), Sha256OfKey(key, ShaEngine::kOpenssl)) << std::hex << key;
  }
}

TEST(ShaOfKey, TheBestEngineIsSupported) { EXPECT_TRUE(IsSupported(BestShaEngine())); }

}  // namespace
}  // namespace joinery::crypto
