// The C header's own checks; its results are held to the shared vectors by
// tokenmap/cookie_vectors_test.cc and to the slow twin by the tests of the C++ class.

#include <cstdint>
#include <string_view>

#include <gtest/gtest.h>

#include "tokenmap/c/timestamp_cookie.h"

namespace joinery::tokenmap {
namespace {

struct CRefusal {
  std::string_view name;
  uint32_t serial;
  uint8_t id_bits;
};

TEST(CookieCHeader, RefusesWhatIsOutOfRange) {
  constexpr CRefusal kRows[] = {
      {.name = "no serial", .serial = 0, .id_bits = 8},
      {.name = "serial before the first", .serial = 3, .id_bits = 8},
      {.name = "no ID", .serial = 4, .id_bits = 0},
      {.name = "too wide", .serial = 4, .id_bits = 12},
      {.name = "so wide that a sum would wrap", .serial = 4, .id_bits = 255},
  };
  for (const CRefusal& row : kRows) {
    joinery_cookie_epoch epoch{};
    EXPECT_EQ(joinery_cookie_init(&epoch, 1, 2, row.serial, row.id_bits), -1) << row.name;
    EXPECT_EQ(epoch.code_bits, 0) << row.name << ": touched";
  }
}

TEST(CookieCHeader, LeavesTheIdAloneWhenCheckBitsAreWrong) {
  joinery_cookie_epoch epoch{};
  ASSERT_EQ(joinery_cookie_init(&epoch, 1, 2, 4, 8), 0);
  uint32_t id = 77;
  int passed = 0;
  for (uint32_t code = 0; code < 1U << epoch.code_bits; ++code) {
    id = 77;
    if (joinery_cookie_decode(&epoch, 0x123456789abcdef0, code, &id) != 0) {
      ++passed;
    } else {
      EXPECT_EQ(id, 77U);
    }
  }
  EXPECT_EQ(passed, 256) << "of a bijection exactly one code for each ID";
}

}  // namespace
}  // namespace joinery::tokenmap
