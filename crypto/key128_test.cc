#include "crypto/key128.h"

#include <memory>
#include <new>

#include <gtest/gtest.h>

namespace joinery::crypto {
namespace {

constexpr Key128::Bytes kSome = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

TEST(Key128, IsZeroUnlessGivenBytes) {
  EXPECT_EQ(Key128(), Key128(Key128::Bytes{}));
  EXPECT_FALSE(Key128() == Key128(kSome));
}

TEST(Key128, DiffersByAnyByte) {
  for (size_t i = 0; i < kSome.size(); ++i) {
    Key128::Bytes other = kSome;
    other[i] ^= 0x80;
    EXPECT_FALSE(Key128(kSome) == Key128(other)) << "byte " << i;
  }
}

TEST(Key128, IsWipedWhenDestroyed) {
  alignas(Key128) std::array<uint8_t, sizeof(Key128)> memory{};
  Key128* key = new (memory.data()) Key128(kSome);
  ASSERT_EQ(memory, kSome);
  std::destroy_at(key);
  EXPECT_EQ(memory, Key128::Bytes{});
}

}  // namespace
}  // namespace joinery::crypto
