#include "wire/add_addr.h"

#include <gtest/gtest.h>

#include "wire/testing/view_checks.h"

namespace joinery::wire {
namespace {

using testing::Bytes;
using testing::FromHexText;

struct Row {
  const char* name;
  uint8_t version;
  Bytes bytes;
  const char* text;
};

// docs/protocol.md section 1: v1 16/18 and 28/30, echoes 8/10 and 20/22, v0 without HMAC.
const Row kRows[] = {
    {"v1 IPv4", 1, FromHexText("1e 10 30 01 c6120009 0000000000000005"),
     "add_addr address_id=1 addr=198.18.0.9 hmac=5"},
    {"v1 IPv4 and port", 1, FromHexText("1e 12 30 01 c6120009 01bb 0000000000000005"),
     "add_addr address_id=1 addr=198.18.0.9 port=443 hmac=5"},
    {"v1 IPv6", 1, FromHexText("1e 1c 30 02 20010db8000000000000000000000009 0000000000000005"),
     "add_addr address_id=2 addr=2001:db8::9 hmac=5"},
    {"v1 IPv6 and port", 1,
     FromHexText("1e 1e 30 02 20010db8000000000000000000000009 01bb 0000000000000005"),
     "add_addr address_id=2 addr=2001:db8::9 port=443 hmac=5"},
    {"v1 echo of IPv4", 1, FromHexText("1e 08 31 01 c6120009"),
     "add_addr echo address_id=1 addr=198.18.0.9"},
    {"v1 echo of IPv4 and port", 1, FromHexText("1e 0a 31 01 c6120009 01bb"),
     "add_addr echo address_id=1 addr=198.18.0.9 port=443"},
    {"v1 echo of IPv6", 1, FromHexText("1e 14 3f 02 20010db8000000000000000000000009"),
     "add_addr echo address_id=2 addr=2001:db8::9"},
    {"v1 echo of IPv6 and port", 1,
     FromHexText("1e 16 31 02 20010db8000000000000000000000009 01bb"),
     "add_addr echo address_id=2 addr=2001:db8::9 port=443"},
    {"v0 IPv4", 0, FromHexText("1e 08 34 01 c6120009"), "add_addr address_id=1 addr=198.18.0.9"},
    {"v0 IPv4 and port", 0, FromHexText("1e 0a 34 01 c6120009 01bb"),
     "add_addr address_id=1 addr=198.18.0.9 port=443"},
    {"v0 IPv6", 0, FromHexText("1e 14 36 02 20010db8000000000000000000000009"),
     "add_addr address_id=2 addr=2001:db8::9"},
    {"v0 IPv6 and port", 0, FromHexText("1e 16 36 02 20010db8000000000000000000000009 01bb"),
     "add_addr address_id=2 addr=2001:db8::9 port=443"},
};

TEST(AddAddr, ReadsPrintsAndWritesEveryRow) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.name);
    const auto view = AddAddr::Parse(row.bytes, row.version);
    ASSERT_TRUE(view) << ToString(view.error());
    EXPECT_EQ(ToString(*view), row.text);
    EXPECT_EQ(AddAddr::EncodedLength(view->fields()), row.bytes.size());
    testing::ExpectEmits(row.bytes, [&](auto out) { AddAddr::Emit(view->fields(), out); });
    testing::ExpectEveryPrefixFails(
        row.bytes, [&](std::span<const uint8_t> b) { return AddAddr::Parse(b, row.version); });
  }
}

TEST(AddAddr, ReadsNoOtherLength) {
  struct LengthsRow {
    const char* name;
    uint8_t version;
    uint8_t low_nibble;
    std::vector<size_t> lengths;
  };
  const LengthsRow rows[] = {{"v1", 1, 0x0, {16, 18, 28, 30}},
                             {"v1 echo", 1, 0x1, {8, 10, 20, 22}},
                             {"v0 IPv4", 0, 0x4, {8, 10}},
                             {"v0 IPv6", 0, 0x6, {20, 22}},
                             {"v0 no IP version", 0, 0x5, {}}};
  for (const LengthsRow& row : rows) {
    SCOPED_TRACE(row.name);
    std::vector<size_t> read;
    for (size_t length = kMptcpMinLength; length <= 40; ++length) {
      Bytes bytes(length);
      bytes[0] = 30;
      bytes[1] = static_cast<uint8_t>(length);
      bytes[2] = static_cast<uint8_t>(0x30 | row.low_nibble);
      if (AddAddr::Parse(bytes, row.version)) read.push_back(length);
    }
    EXPECT_EQ(read, row.lengths);
  }
}

}  // namespace
}  // namespace joinery::wire
