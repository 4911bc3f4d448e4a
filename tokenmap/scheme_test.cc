#include "tokenmap/scheme.h"

#include <gtest/gtest.h>

namespace joinery::tokenmap {
namespace {

struct IdBitsRow {
  uint16_t max_backends;
  uint8_t bits;
};

// docs/protocol.md section 2: s = 1 + ceil(log2(max_backends)).
TEST(IdBits, LeavesHalfOfTheIdsUnused) {
  constexpr IdBitsRow kRows[] = {
      {.max_backends = 1, .bits = 1},    {.max_backends = 2, .bits = 2},
      {.max_backends = 3, .bits = 3},    {.max_backends = 128, .bits = 8},
      {.max_backends = 129, .bits = 9},  {.max_backends = 512, .bits = 10},
      {.max_backends = 1024, .bits = 11}};
  for (const IdBitsRow& row : kRows) {
    EXPECT_EQ(IdBits(row.max_backends), row.bits) << row.max_backends;
    EXPECT_LE(2 * row.max_backends, 1 << row.bits) << row.max_backends;
  }
}

struct CreateRow {
  std::string_view name;
  uint8_t generation_bits;
  uint8_t id_bits;
  std::string_view error;  // empty: accepted
};

TEST(Scheme, IsCreatedOnlyInRange) {
  constexpr CreateRow kRows[] = {
      {.name = "smallest", .generation_bits = 2, .id_bits = 1, .error = ""},
      {.name = "default", .generation_bits = 2, .id_bits = 8, .error = ""},
      {.name = "widest", .generation_bits = 2, .id_bits = 12, .error = ""},
      {.name = "widest with three generation bits",
       .generation_bits = 3,
       .id_bits = 11,
       .error = ""},
      {.name = "one generation bit",
       .generation_bits = 1,
       .id_bits = 8,
       .error = "generation_bits 1 is out of range; allowed 2..3"},
      {.name = "four generation bits",
       .generation_bits = 4,
       .id_bits = 8,
       .error = "generation_bits 4 is out of range; allowed 2..3"},
      {.name = "no ID",
       .generation_bits = 2,
       .id_bits = 0,
       .error = "id_bits 0 is out of range; with generation_bits 2 allowed 1..12 "
                "(max_backends 1..1024)"},
      {.name = "too wide",
       .generation_bits = 3,
       .id_bits = 12,
       .error = "id_bits 12 is out of range; with generation_bits 3 allowed 1..11 "
                "(max_backends 1..1024)"},
  };
  for (const CreateRow& row : kRows) {
    const auto scheme =
        Scheme::Create(Algorithm::kFf1, PoolId(1), row.generation_bits, row.id_bits);
    EXPECT_EQ(scheme ? "" : scheme.error().message, row.error) << row.name;
  }
  EXPECT_FALSE(Scheme::Create(static_cast<Algorithm>(9), PoolId(1), 2, 8));
}

// 0x4a912345: codepoint 01, ID 00101010, nonce 01 0001 0010 0011 0100 0101.
TEST(Scheme, CutsATokenAtItsBits) {
  const Scheme scheme = Scheme::Create(Algorithm::kPlain, PoolId(1), 2, 8).value();
  const Token token(0x4a912345);
  EXPECT_EQ(scheme.CodepointOf(token), Codepoint(1));
  EXPECT_EQ(scheme.IdOf(scheme.Body(token)), BackendId(0x2a));
  EXPECT_EQ(scheme.NonceOf(scheme.Body(token)), 0x112345U);
  EXPECT_EQ(scheme.Join(Codepoint(1), scheme.Body(BackendId(0x2a), 0x112345)), token);
  EXPECT_EQ(scheme.nonce_bits(), 22);
  EXPECT_EQ(scheme.body_bits(), 30);
}

TEST(Scheme, ReservesTheAllOnesCodepoint) {
  const Scheme two = Scheme::Create(Algorithm::kFf1, PoolId(1), 2, 8).value();
  const Scheme three = Scheme::Create(Algorithm::kFf1, PoolId(1), 3, 8).value();
  EXPECT_EQ(two.reserved(), Codepoint(3));
  EXPECT_EQ(three.reserved(), Codepoint(7));
  EXPECT_TRUE(two.IsUsable(Codepoint(2)));
  EXPECT_FALSE(two.IsUsable(Codepoint(3)));
  EXPECT_FALSE(two.IsUsable(Codepoint(4)));
  EXPECT_TRUE(three.IsUsable(Codepoint(6)));
}

}  // namespace
}  // namespace joinery::tokenmap
