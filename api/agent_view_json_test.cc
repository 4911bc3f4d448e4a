#include "api/agent_view_json.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "api/random_messages.h"

namespace joinery::api {
namespace {

constexpr std::string_view kView =
    R"({"schema":1,"at":{"epoch":2,"version":5},"backend":"web1","id":3,"pool":"web","pool_id":7,)"
    R"("max_backends":4,"algorithm":"ff1","generation_bits":2,"handshake":"derived",)"
    R"("active":{"codepoint":0,"serial":4,"state":"active",)"
    R"("key":"000102030405060708090a0b0c0d0e0f"},"draining":[{"codepoint":2,"serial":3}],)"
    R"("drain":false,)"
    R"("vips":[{"address":"198.18.0.1","protocol":"tcp","ports":[{"first":1,"last":65535}],)"
    R"("fragments":"drop"}],)"
    R"("balancers":["198.18.0.2","2001:db8::2"],"cookie":null})";

std::string Replaced(std::string_view what, std::string_view by) {
  std::string text(kView);
  const size_t place = text.find(what);
  EXPECT_NE(place, std::string::npos) << what;
  return text.replace(place, what.size(), by);
}

TEST(AgentViewJson, HasTheDocumentedForm) {
  const auto view = ParseAgentView(kView);
  ASSERT_TRUE(view.has_value()) << view.error().message;
  EXPECT_EQ(view->id, BackendId(3));
  ASSERT_TRUE(view->active.has_value());
  EXPECT_EQ(view->active->key.bytes()[1], 1);
  EXPECT_EQ(view->draining.at(0).serial, Serial(3));
  EXPECT_EQ(view->balancers.size(), 2U);
  EXPECT_EQ(ToJson(*view), kView);
}

TEST(AgentViewJson, EveryViewComesBackAsItWas) {
  SeededRandom random(42);
  for (int i = 0; i < 500; ++i) {
    const std::string text = ToJson(RandomAgentView(random));
    const auto view = ParseAgentView(text);
    ASSERT_TRUE(view.has_value()) << view.error().message << "\n" << text;
    EXPECT_EQ(ToJson(*view), text);
  }
}

struct BadRow {
  std::string_view name;
  std::string_view what;
  std::string_view by;
  std::string_view error;
};

constexpr BadRow kBad[] = {
    {"ID beyond s bits", R"("id":3)", R"("id":8)", "id: 8; expected an integer of 0..7"},
    {"active that is not", R"("state":"active")", R"("state":"pending")",
     "active.state: expected active"},
    {"codepoint twice", R"("codepoint":2)", R"("codepoint":0)",
     "draining[0]: another generation has its codepoint or serial"},
    {"serial twice", R"("serial":3)", R"("serial":4)",
     "draining[0]: another generation has its codepoint or serial"},
    {"drain as a number", R"("drain":false)", R"("drain":0)", "drain: 0; expected true or false"},
    {"no key", R"("key":"000102030405060708090a0b0c0d0e0f")", R"("key":null)",
     "active.key: expected 32 hexadecimal digits"},
    {"a cookie", R"("cookie":null)", R"("cookie":1)", "cookie: expected null in schema 1"},
};

TEST(AgentViewJson, RefusalsNameTheirPlace) {
  for (const BadRow& row : kBad) {
    SCOPED_TRACE(row.name);
    const auto view = ParseAgentView(Replaced(row.what, row.by));
    ASSERT_FALSE(view.has_value());
    EXPECT_EQ(view.error().message, row.error);
  }
}

TEST(AgentViewJson, WithoutAnActiveGenerationIsAView) {
  const auto view = ParseAgentView(Replaced(R"({"codepoint":0,"serial":4,"state":"active",)"
                                            R"("key":"000102030405060708090a0b0c0d0e0f"})",
                                            "null"));
  ASSERT_TRUE(view.has_value()) << view.error().message;
  EXPECT_FALSE(view->active.has_value());
}

}  // namespace
}  // namespace joinery::api
