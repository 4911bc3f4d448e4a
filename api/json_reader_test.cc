#include "api/json_reader.h"

#include <string>

#include <gtest/gtest.h>

namespace joinery::api {
namespace {

std::string ErrorOf(std::string_view text, const std::function<void(const JsonValue&)>& read) {
  const auto done = ReadJson(text, read);
  return done ? "" : done.error().message;
}

TEST(JsonReader, TheFirstMistakeIsReported) {
  const std::string error = ErrorOf(R"({"schema":1,"a":{"b":[1,-2,"x"]}})", [](const JsonValue& v) {
    v["a"]["b"].Each(3,
                     [](const JsonValue& item) { static_cast<void>(item.Integer<uint8_t>(0, 9)); });
  });
  EXPECT_EQ(error, "a.b[1]: -2; expected an integer of 0..9");
}

TEST(JsonReader, ListsAreBounded) {
  EXPECT_EQ(ErrorOf(R"({"schema":1,"a":[1,2,3]})",
                    [](const JsonValue& v) { v["a"].Each(2, [](const JsonValue&) {}); }),
            "a: 3 elements; expected at most 2");
}

TEST(JsonReader, WhatIsMissingBelowWhatIsMissingNamesTheUpper) {
  EXPECT_EQ(
      ErrorOf(R"({"schema":1})", [](const JsonValue& v) { static_cast<void>(v["a"]["b"].Bool()); }),
      "a: missing; expected an object");
}

TEST(JsonReader, LongTextsAreQuotedShort) {
  const std::string text = R"({"schema":1,"a":")" + std::string(100, 'x') + R"("})";
  EXPECT_EQ(ErrorOf(text, [](const JsonValue& v) { static_cast<void>(v["a"].Address()); }),
            "a: \"" + std::string(40, 'x') + "...\"; expected an IPv4 or IPv6 address");
}

TEST(JsonReader, WhatIsNotJsonIsRefused) {
  const auto nothing = [](const JsonValue&) {};
  EXPECT_EQ(ErrorOf(R"({"schema":1})", nothing), "");
  EXPECT_EQ(ErrorOf(" {\"schema\" : 1}\n", nothing), "");
  for (const std::string_view bad :
       {"", "null", "[1]", "{\"schema\":1", "{\"schema\":1}}", "{\"schema\":1} x", "{'schema':1}",
        "{\"schema\":1,}", "{\"schema\":01}", "{\"schema\":1,\"a\":\"\xff\"}"}) {
    EXPECT_NE(ErrorOf(bad, nothing), "") << bad;
  }
  std::string deep = R"({"schema":1,"a":)";
  for (int i = 0; i < 100; ++i) deep += '[';
  for (int i = 0; i < 100; ++i) deep += ']';
  EXPECT_NE(ErrorOf(deep + "}", nothing), "");
}

TEST(JsonReader, HexadecimalIsExact) {
  const auto key = [](std::string_view text) {
    std::string json = R"({"schema":1,"k":")";
    return ErrorOf(json.append(text).append("\"}"),
                   [](const JsonValue& v) { static_cast<void>(v["k"].Key()); });
  };
  EXPECT_EQ(key("000102030405060708090a0b0c0d0e0F"), "");
  EXPECT_EQ(key("000102030405060708090a0b0c0d0e0"), "k: expected 32 hexadecimal digits");
  EXPECT_EQ(key("000102030405060708090a0b0c0d0e0g"), "k: expected 32 hexadecimal digits");
  EXPECT_EQ(key("000102030405060708090a0b0c0d0e0f0"), "k: expected 32 hexadecimal digits");
}

}  // namespace
}  // namespace joinery::api
