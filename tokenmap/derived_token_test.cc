#include "tokenmap/derived_token.h"

#include <gtest/gtest.h>

namespace joinery::tokenmap {
namespace {

struct Row {
  uint64_t key;
  uint32_t v0;
  uint32_t v1;
};

// Key bytes in network order through `sha1sum` and `sha256sum` (GNU coreutils).
constexpr Row kRows[] = {
    {.key = 0x0000000000000000, .v0 = 0x05fe4057, .v1 = 0xaf5570f5},
    {.key = 0x0000000000000001, .v0 = 0xcb473678, .v1 = 0xcd266215},
    {.key = 0x0123456789abcdef, .v0 = 0x0ca2eadb, .v1 = 0x55c53f5d},
    {.key = 0xffffffffffffffff, .v0 = 0xbe673e8a, .v1 = 0x12a3ae44},
    {.key = 0xa5a5a5a500000001, .v0 = 0x7134f47f, .v1 = 0xfbd3ffc7},
};

TEST(DerivedToken, IsTheHeadOfTheDigest) {
  for (const Row& row : kRows) {
    EXPECT_EQ(DerivedToken(row.key, 0), Token(row.v0)) << std::hex << row.key;
    EXPECT_EQ(DerivedToken(row.key, 1), Token(row.v1)) << std::hex << row.key;
  }
}

}  // namespace
}  // namespace joinery::tokenmap
