// The C header's own checks; its results are held to the shared vectors by
// tokenmap/token_vectors_test.cc and to the twins by tokenmap/ff1_radix2_test.cc.
#include <string_view>

#include <gtest/gtest.h>

#include "tokenmap/c/ff1_radix2_cxx.h"

namespace joinery::tokenmap {
namespace {

struct CRefusal {
  std::string_view name;
  uint8_t algorithm, r, s, codepoint;
};

TEST(CHeader, RefusesWhatIsOutOfRange) {
  constexpr CRefusal kRows[] = {
      {.name = "algorithm", .algorithm = 2, .r = 2, .s = 8, .codepoint = 0},
      {.name = "one generation bit", .algorithm = 1, .r = 1, .s = 8, .codepoint = 0},
      {.name = "four generation bits", .algorithm = 1, .r = 4, .s = 8, .codepoint = 0},
      {.name = "no ID", .algorithm = 1, .r = 2, .s = 0, .codepoint = 0},
      {.name = "too wide", .algorithm = 1, .r = 2, .s = 13, .codepoint = 0},
      {.name = "too wide with three", .algorithm = 1, .r = 3, .s = 12, .codepoint = 0},
      {.name = "reserved", .algorithm = 1, .r = 2, .s = 8, .codepoint = 3},
  };
  const crypto::Aes128 key{crypto::Key128()};
  for (const CRefusal& row : kRows) {
    joinery_token_generation generation{};
    EXPECT_EQ(
        joinery_token_init(&generation, &key, row.algorithm, row.r, row.s, row.codepoint, 1, 1), -1)
        << row.name;
    EXPECT_EQ(generation.generation_bits, 0) << row.name << ": touched";
  }
}

TEST(CHeader, ReservesTheAllOnesCodepoint) {
  EXPECT_EQ(joinery_token_reserved(2), 3);
  EXPECT_EQ(joinery_token_reserved(3), 7);
}

}  // namespace
}  // namespace joinery::tokenmap
