#include "api/net/endpoint.h"

#include <gtest/gtest.h>

namespace joinery::api {
namespace {

// Never looked into: only that there are some counts.
std::shared_ptr<Credentials> Some() {
  static int place;
  return {std::shared_ptr<void>(), reinterpret_cast<Credentials*>(&place)};
}

TEST(Endpoint, EveryFormComesBackAsItWas) {
  for (const char* text : {"unix:/run/joinery/control.sock", "198.18.0.1:7000",
                           "[2001:db8::1]:7000", "control.example:1"}) {
    const auto endpoint = ParseEndpoint(text, Some());
    ASSERT_TRUE(endpoint.has_value()) << text << ": " << endpoint.error().message;
    EXPECT_EQ(ToString(*endpoint), text);
    EXPECT_EQ(endpoint->role, Role::kControl);
  }
  EXPECT_EQ(ParseEndpoint("[2001:db8::1]:7000", Some())->host, "2001:db8::1");
}

struct BadRow {
  std::string_view text;
  std::string_view why;
};

constexpr BadRow kBad[] = {
    {"", "no port"},
    {"unix:", "no path"},
    {"198.18.0.1", "no port"},
    {"198.18.0.1:0", "the port is not 1..65535"},
    {"198.18.0.1:65536", "the port is not 1..65535"},
    {"198.18.0.1:", "the port is not 1..65535"},
    {"2001:db8::1:7000", "neither an address nor a name"},
    {"[198.18.0.1]:7000", "no IPv6 address in brackets"},
    {"[]:7000", "no IPv6 address in brackets"},
    {":7000", "neither an address nor a name"},
    {"a b:7000", "neither an address nor a name"},
};

TEST(Endpoint, RefusalsSayWhy) {
  for (const BadRow& row : kBad) {
    const auto endpoint = ParseEndpoint(row.text, Some());
    ASSERT_FALSE(endpoint.has_value()) << row.text;
    EXPECT_NE(endpoint.error().message.find(row.why), std::string::npos)
        << endpoint.error().message;
  }
  EXPECT_FALSE(ParseEndpoint("unix:/" + std::string(107, 'a')).has_value());
}

TEST(Endpoint, OnlyTlsNeedsCredentials) {
  EXPECT_TRUE(ParseEndpoint("unix:/x").has_value());
  const auto endpoint = ParseEndpoint("198.18.0.1:7000");
  ASSERT_FALSE(endpoint.has_value());
  EXPECT_NE(endpoint.error().message.find("TLS needs certificate"), std::string::npos);
}

}  // namespace
}  // namespace joinery::api
