#include "api/json_writer.h"

#include <string>

#include <gtest/gtest.h>

#include "api/json_reader.h"

namespace joinery::api {
namespace {

TEST(JsonWriter, WritesWhatItIsTold) {
  JsonWriter out;
  out.BeginObject().Member("a").Integer(UINT64_MAX).Member("b").BeginArray();
  out.Bool(true).Null().BeginObject().EndObject().BeginArray().EndArray().EndArray();
  const uint8_t bytes[] = {0x00, 0xfe};
  out.Member("c").Hex(bytes).Member("d").String("x").EndObject();
  EXPECT_EQ(out.Take(), R"({"a":18446744073709551615,"b":[true,null,{},[]],"c":"00fe","d":"x"})");
  EXPECT_EQ(out.Integer(1).Take(), "1");
}

TEST(JsonWriter, LongTextsStayWhole) {
  JsonWriter out;
  out.BeginArray();
  std::string expected = "[";
  for (int i = 0; i < 10'000; ++i) {
    out.Integer(static_cast<uint64_t>(i));
    expected += (i == 0 ? "" : ",") + std::to_string(i);
  }
  EXPECT_EQ(out.EndArray().Take(), expected + "]");
}

struct Utf8Row {
  std::string_view name;
  std::string_view text;
  size_t length;
};

// RFC 3629 section 4: each kind of first byte, and what may not follow it.
constexpr Utf8Row kUtf8[] = {
    {"ascii", "a", 1},
    {"two bytes", "\xc3\xa9", 2},
    {"three bytes", "\xe2\x82\xac", 3},
    {"four bytes", "\xf0\x9f\xa6\x94", 4},
    {"continuation first", "\x80", 0},
    {"overlong two", "\xc0\x80", 0},
    {"overlong three", "\xe0\x9f\xbf", 0},
    {"least three", "\xe0\xa0\x80", 3},
    {"surrogate", "\xed\xa0\x80", 0},
    {"before the surrogates", "\xed\x9f\xbf", 3},
    {"overlong four", "\xf0\x8f\xbf\xbf", 0},
    {"above U+10FFFF", "\xf4\x90\x80\x80", 0},
    {"U+10FFFF", "\xf4\x8f\xbf\xbf", 4},
    {"no such first byte", "\xf5\x80\x80\x80", 0},
    {"cut off", "\xe2\x82", 0},
    {"third byte", "\xe2\x82\x41", 0},
    {"empty", "", 0},
};

TEST(JsonWriter, KnowsUtf8) {
  for (const Utf8Row& row : kUtf8) EXPECT_EQ(Utf8Length(row.text), row.length) << row.name;
}

TEST(JsonWriter, EveryTextCanBeRead) {
  for (int first = 0; first < 256; ++first) {
    const std::string text = {'a', static_cast<char>(first), 'b', '\xc3'};
    JsonWriter out;
    out.BeginObject().Member("schema").Integer(1).Member("t").String(text).EndObject();
    std::string read;
    const auto done =
        ReadJson(out.Take(), [&](const JsonValue& value) { read = value["t"].Text(20); });
    ASSERT_TRUE(done.has_value()) << first << ": " << done.error().message;
    if (first < 0x80) {
      EXPECT_EQ(read, std::string("a") + static_cast<char>(first) + "b\xef\xbf\xbd");
    }
  }
}

}  // namespace
}  // namespace joinery::api
