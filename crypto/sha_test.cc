#include "crypto/sha.h"

#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/hex.h"

namespace joinery::crypto {
namespace {

std::vector<uint8_t> Bytes(std::string_view text) { return {text.begin(), text.end()}; }

struct HashRow {
  std::string_view name;
  std::string_view message;
  std::string_view sha1;
  std::string_view sha256;
};

// FIPS 180 examples (NIST, "Examples with Intermediate Values": SHA1.pdf, SHA256.pdf).
constexpr HashRow kHashRows[] = {
    {.name = "one block",
     .message = "abc",
     .sha1 = "a9993e364706816aba3e25717850c26c9cd0d89d",
     .sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {.name = "two blocks",
     .message = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     .sha1 = "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
     .sha256 = "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {.name = "empty",
     .message = "",
     .sha1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709",
     .sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
};

TEST(Sha, MeetsThePublishedVectors) {
  for (const HashRow& row : kHashRows) {
    EXPECT_EQ(ToHex(Sha1(Bytes(row.message))), row.sha1) << row.name;
    EXPECT_EQ(ToHex(Sha256(Bytes(row.message))), row.sha256) << row.name;
  }
}

}  // namespace
}  // namespace joinery::crypto
