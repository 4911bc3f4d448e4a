#include "crypto/hmac.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/hex.h"

namespace joinery::crypto {
namespace {

std::vector<uint8_t> Bytes(std::string_view text) { return {text.begin(), text.end()}; }

struct HmacRow {
  std::string_view name;
  std::vector<uint8_t> key;
  std::vector<uint8_t> message;
  std::string_view mac;
};

std::vector<uint8_t> Counting() {  // 01 02 .. 19, RFC 4231 section 4.5 and RFC 2202 case 4
  std::vector<uint8_t> key(25);
  for (size_t i = 0; i < key.size(); ++i) key[i] = static_cast<uint8_t>(i + 1);
  return key;
}

// RFC 2202 section 3.
TEST(HmacSha1, MeetsRfc2202) {
  const HmacRow rows[] = {
      {.name = "case 1",
       .key = std::vector<uint8_t>(20, 0x0b),
       .message = Bytes("Hi There"),
       .mac = "b617318655057264e28bc0b6fb378c8ef146be00"},
      {.name = "case 2",
       .key = Bytes("Jefe"),
       .message = Bytes("what do ya want for nothing?"),
       .mac = "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
      {.name = "case 3",
       .key = std::vector<uint8_t>(20, 0xaa),
       .message = std::vector<uint8_t>(50, 0xdd),
       .mac = "125d7342b9ac11cd91a39af48aa17b4f63f175d3"},
      {.name = "case 4",
       .key = Counting(),
       .message = std::vector<uint8_t>(50, 0xcd),
       .mac = "4c9007f4026250c6bc8414f9bf50c86c2d7235da"},
      {.name = "case 6: a key longer than a block",
       .key = std::vector<uint8_t>(80, 0xaa),
       .message = Bytes("Test Using Larger Than Block-Size Key - Hash Key First"),
       .mac = "aa4ae5e15272d00e95705637ce8a3b55ed402112"},
  };
  for (const HmacRow& row : rows)
    EXPECT_EQ(ToHex(HmacSha1(row.key, row.message)), row.mac) << row.name;
}

// RFC 4231 section 4.
TEST(HmacSha256, MeetsRfc4231) {
  const HmacRow rows[] = {
      {.name = "4.2",
       .key = std::vector<uint8_t>(20, 0x0b),
       .message = Bytes("Hi There"),
       .mac = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {.name = "4.3",
       .key = Bytes("Jefe"),
       .message = Bytes("what do ya want for nothing?"),
       .mac = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {.name = "4.4",
       .key = std::vector<uint8_t>(20, 0xaa),
       .message = std::vector<uint8_t>(50, 0xdd),
       .mac = "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {.name = "4.5",
       .key = Counting(),
       .message = std::vector<uint8_t>(50, 0xcd),
       .mac = "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {.name = "4.7: a key longer than a block",
       .key = std::vector<uint8_t>(131, 0xaa),
       .message = Bytes("Test Using Larger Than Block-Size Key - Hash Key First"),
       .mac = "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
  };
  for (const HmacRow& row : rows) {
    EXPECT_EQ(ToHex(HmacSha256(row.key, row.message)), row.mac) << row.name;
  }
}

// RFC 2104 pads a short key with zeros, so no key is a key of zeros.
TEST(Hmac, TakesAnEmptyKey) {
  const std::vector<uint8_t> zeros(64, 0);
  EXPECT_EQ(HmacSha256({}, Bytes("x")), HmacSha256(zeros, Bytes("x")));
  EXPECT_EQ(HmacSha1({}, Bytes("x")), HmacSha1(zeros, Bytes("x")));
}

TEST(EqualSecret, ComparesEveryByteAndTheLength) {
  const std::vector<uint8_t> a = {1, 2, 3};
  EXPECT_TRUE(EqualSecret(a, std::vector<uint8_t>{1, 2, 3}));
  EXPECT_FALSE(EqualSecret(a, std::vector<uint8_t>{1, 2, 4}));
  EXPECT_FALSE(EqualSecret(a, std::vector<uint8_t>{0, 2, 3}));
  EXPECT_FALSE(EqualSecret(a, std::vector<uint8_t>{1, 2}));
  EXPECT_TRUE(EqualSecret({}, {}));
}

}  // namespace
}  // namespace joinery::crypto
