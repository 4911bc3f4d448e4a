// REMOVE_ADDR, MP_PRIO, MP_FAIL, MP_FASTCLOSE, MP_TCPRST and NEW_KEY: one table, since each has one
// or two fields.
#include <functional>

#include <gtest/gtest.h>

#include "wire/mp_fail.h"
#include "wire/mp_fastclose.h"
#include "wire/mp_prio.h"
#include "wire/mp_tcprst.h"
#include "wire/new_key.h"
#include "wire/remove_addr.h"
#include "wire/testing/view_checks.h"

namespace joinery::wire {
namespace {

using testing::Bytes;
using testing::FromHexText;

// What a test wants of a view: its text and its bytes written back; nothing when it refused.
struct Reading {
  std::string text;
  Bytes emitted;
};
using Reader = std::function<Expected<Reading, ParseError>(std::span<const uint8_t>)>;

template <typename View>
size_t LengthOf(const View& view) {
  if constexpr (requires { View::EncodedLength(view.fields()); }) {
    return View::EncodedLength(view.fields());
  } else {
    return View::kLength;
  }
}

template <typename View, typename... Version>
Reader ReaderOf(Version... version) {
  return [version...](std::span<const uint8_t> bytes) -> Expected<Reading, ParseError> {
    const auto view = View::Parse(bytes, version...);
    if (!view) return unexpected(view.error());
    Reading reading{.text = ToString(*view),
                    .emitted = Bytes(LengthOf(*view), testing::kUnwritten)};
    if constexpr (requires { View::EncodedLength(view->fields()); }) {
      View::Emit(view->fields(), reading.emitted);
    } else {
      View::Emit(view->fields(), std::span(reading.emitted).template first<View::kLength>());
    }
    return reading;
  };
}

constexpr uint8_t kV0 = 0;
constexpr uint8_t kV1 = 1;

struct Row {
  const char* name;
  Reader read;
  Bytes bytes;
  const char* text;
  std::vector<size_t> lengths;  // that this view accepts, of all from 3 to 40
};

const std::vector<Row>& Rows() {
  static const std::vector<Row> rows = {
      {"REMOVE_ADDR of one",
       ReaderOf<RemoveAddr>(),
       FromHexText("1e 04 40 07"),
       "rm_addr address_id=[7]",
       {4, 5, 6, 7, 8, 9, 10, 11}},
      {"REMOVE_ADDR of eight",
       ReaderOf<RemoveAddr>(),
       FromHexText("1e 0b 4f 0102030405060708"),
       "rm_addr address_id=[1,2,3,4,5,6,7,8]",
       {4, 5, 6, 7, 8, 9, 10, 11}},
      {"MP_PRIO", ReaderOf<MpPrio>(kV1), FromHexText("1e 03 51"), "mp_prio backup=1", {3}},
      {"MP_PRIO, reserved bits",
       ReaderOf<MpPrio>(kV1),
       FromHexText("1e 03 5e"),
       "mp_prio backup=0",
       {3}},
      {"MP_PRIO of version 0",
       ReaderOf<MpPrio>(kV0),
       FromHexText("1e 04 51 02"),
       "mp_prio backup=1 address_id=2",
       {3, 4}},
      {"MP_FAIL",
       ReaderOf<MpFail>(),
       FromHexText("1e 0c 60 00 0000000000000007"),
       "mp_fail dsn8=7",
       {12}},
      {"MP_FASTCLOSE",
       ReaderOf<MpFastclose>(),
       FromHexText("1e 0c 71 23 0000000000000007"),
       "mp_fastclose key=7",
       {12}},
      {"MP_TCPRST", ReaderOf<MpTcpRst>(), FromHexText("1e 04 80 01"), "mp_reset 1", {4}},
      {"MP_TCPRST, transient",
       ReaderOf<MpTcpRst>(),
       FromHexText("1e 04 8f 02"),
       "mp_reset 2 flags[flag_t]",
       {4}},
      {"NEW_KEY",
       ReaderOf<NewKey>(),
       FromHexText("1e 0c 90 00 0000000000000007"),
       "new_key value=7",
       {12}},
  };
  return rows;
}

TEST(MptcpSmallOptions, ReadPrintAndWriteEveryRow) {
  for (const Row& row : Rows()) {
    SCOPED_TRACE(row.name);
    const auto reading = row.read(row.bytes);
    ASSERT_TRUE(reading) << ToString(reading.error());
    EXPECT_EQ(reading->text, row.text);
    EXPECT_EQ(reading->emitted, row.bytes);
    testing::ExpectEveryPrefixFails(row.bytes, row.read);
  }
}

TEST(MptcpSmallOptions, ReadNoOtherLengthAndNoOtherSubtype) {
  for (const Row& row : Rows()) {
    SCOPED_TRACE(row.name);
    std::vector<size_t> read;
    for (size_t length = kMptcpMinLength; length <= 40; ++length) {
      Bytes bytes(length);
      bytes[0] = 30;
      bytes[1] = static_cast<uint8_t>(length);
      bytes[2] = row.bytes[2];
      if (row.read(bytes)) read.push_back(length);
    }
    EXPECT_EQ(read, row.lengths);
    Bytes other = row.bytes;
    other[2] ^= 0xf0;
    EXPECT_EQ(row.read(other).error(), (ParseError{ParseReason::kWrongSubtype, 2}));
  }
}

}  // namespace
}  // namespace joinery::wire
