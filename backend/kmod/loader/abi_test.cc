// The struct's bytes, as an old build of the module expects them from a new loader.
#include "backend/kmod/loader/abi.h"

#include <array>
#include <cstring>

#include <gtest/gtest.h>

#include "backend/kmod/joinery_token_abi.h"

namespace joinery::kmod {
namespace {

TEST(Abi, BytesOfTheStruct) {
  joinery_token_scheme scheme{};
  scheme.magic = JOINERY_TOKEN_MAGIC;
  scheme.schema = JOINERY_TOKEN_SCHEMA;
  scheme.command = JOINERY_TOKEN_SET;
  scheme.pool = 0x01020304;
  scheme.backend = 0x0506;
  scheme.algorithm = 0x07;
  scheme.generation_bits = 0x08;
  scheme.serial = 0x090a0b0c0d0e0f10;
  scheme.id_bits = 0x11;
  scheme.codepoint = 0x12;
  scheme.key[0] = 0x13;
  scheme.key[15] = 0x14;
  const std::array<uint8_t, 48> expected = {
      0x4e, 0x4b, 0x54, 0x4a,                          // magic
      0x01, 0x00, 0x01, 0x00,                          // schema, command
      0x04, 0x03, 0x02, 0x01,                          // pool
      0x06, 0x05, 0x07, 0x08,                          // backend, algorithm, generation_bits
      0x10, 0x0f, 0x0e, 0x0d, 0x0c, 0x0b, 0x0a, 0x09,  // serial
      0x11, 0x12, 0,    0,    0,    0,    0,    0,     // id_bits, codepoint, reserved
      0x13, 0,    0,    0,    0,    0,    0,    0,     // key
      0,    0,    0,    0,    0,    0,    0,    0x14};
  std::array<uint8_t, 48> bytes{};
  std::memcpy(bytes.data(), &scheme, sizeof(scheme));
  EXPECT_EQ(bytes, expected);
}

}  // namespace
}  // namespace joinery::kmod
