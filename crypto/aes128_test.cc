// Every engine over FIPS 197 and SP 800-38A, then all engines against the generic one.
#include "crypto/aes128.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/hex.h"
#include "base/random.h"
#include "crypto/aes_engines.h"

namespace joinery::crypto {
namespace {

using Block = Aes128::Block;

Block FromText(std::string_view hex) {
  const auto bytes = FromHex(hex);
  Block block{};
  EXPECT_TRUE(bytes && bytes->size() == block.size()) << hex;
  if (bytes && bytes->size() == block.size())
    std::copy(bytes->begin(), bytes->end(), block.begin());
  return block;
}

struct Row {
  std::string_view name;
  std::string_view key;
  std::string_view plain;
  std::string_view cipher;
};

constexpr std::string_view kSp80038aKey = "2b7e151628aed2a6abf7158809cf4f3c";

constexpr Row kRows[] = {
    {.name = "FIPS 197 appendix B",
     .key = kSp80038aKey,
     .plain = "3243f6a8885a308d313198a2e0370734",
     .cipher = "3925841d02dc09fbdc118597196a0b32"},
    {.name = "FIPS 197 appendix C.1",
     .key = "000102030405060708090a0b0c0d0e0f",
     .plain = "00112233445566778899aabbccddeeff",
     .cipher = "69c4e0d86a7b0430d8cdb78070b4c55a"},
    {.name = "SP 800-38A F.1.1 block 1",
     .key = kSp80038aKey,
     .plain = "6bc1bee22e409f96e93d7e117393172a",
     .cipher = "3ad77bb40d7a3660a89ecaf32466ef97"},
    {.name = "SP 800-38A F.1.1 block 2",
     .key = kSp80038aKey,
     .plain = "ae2d8a571e03ac9c9eb76fac45af8e51",
     .cipher = "f5d3d58503b9699de785895a96fdbaaf"},
    {.name = "SP 800-38A F.1.1 block 3",
     .key = kSp80038aKey,
     .plain = "30c81c46a35ce411e5fbc1191a0a52ef",
     .cipher = "43b1cd7f598ece23881b00e3ed030688"},
    {.name = "SP 800-38A F.1.1 block 4",
     .key = kSp80038aKey,
     .plain = "f69f2445df4f9b17ad2b417be66c3710",
     .cipher = "7b0c785e27e8ad3f8223207104725dd4"},
};

// What this CPU can run; kGeneric and kOpenssl always.
std::vector<AesEngine> Engines() {
  std::vector<AesEngine> engines;
  std::copy_if(kAesEngines.begin(), kAesEngines.end(), std::back_inserter(engines), IsSupported);
  return engines;
}

TEST(Aes128, MeetsThePublishedVectors) {
  for (const Row& row : kRows) {
    for (const AesEngine engine : Engines()) {
      const Aes128 aes(FromText(row.key), engine);
      Block out{};
      aes.EncryptBlock(FromText(row.plain), out);
      EXPECT_EQ(ToHex(out), row.cipher) << row.name << ", engine " << Name(engine);
    }
  }
}

// FIPS 197 appendix A.1.
TEST(Aes128, ExpandsTheKeyAsPublished) {
  const auto keys = aes::ExpandKey(FromText(kSp80038aKey));
  EXPECT_EQ(ToHex(keys[0]), kSp80038aKey);
  EXPECT_EQ(ToHex(keys[1]), "a0fafe1788542cb123a339392a6c7605");
  EXPECT_EQ(ToHex(keys[10]), "d014f9a8c9ee2589e13f0cc8b6630ca6");
}

// Every count up to 40 meets full groups, half-filled registers and single blocks.
TEST(Aes128, EnginesAgreeOnRandomBlocks) {
  SeededRandom random(197);
  for (int round = 0; round < 20; ++round) {
    Block key;
    random.Fill(key);
    const Aes128 generic(key, AesEngine::kGeneric);
    for (size_t count = 0; count <= 40; ++count) {
      std::vector<Block> in(count);
      for (Block& block : in) random.Fill(block);
      std::vector<Block> expected(count);
      generic.EncryptBlocks(in, expected);
      for (const AesEngine engine : Engines()) {
        const Aes128 aes(key, engine);
        std::vector<Block> out(count + 1, Block{0xa5});
        aes.EncryptBlocks(in, out);
        EXPECT_TRUE(std::equal(expected.begin(), expected.end(), out.begin()))
            << Name(engine) << " count " << count;
        EXPECT_EQ(out.back(), Block{0xa5}) << Name(engine) << " wrote past " << count;
      }
    }
  }
}

TEST(Aes128, EncryptsInPlace) {
  for (const AesEngine engine : Engines()) {
    const Aes128 aes(FromText(kSp80038aKey), engine);
    std::vector<Block> blocks(9, FromText(kRows[2].plain));
    aes.EncryptBlocks(blocks, blocks);
    for (const Block& block : blocks) EXPECT_EQ(ToHex(block), kRows[2].cipher) << Name(engine);
  }
}

TEST(Aes128, TheBestEngineIsSupported) {
  EXPECT_TRUE(IsSupported(BestAesEngine()));
  EXPECT_NE(BestAesEngine(), AesEngine::kGeneric);
}

}  // namespace
}  // namespace joinery::crypto
