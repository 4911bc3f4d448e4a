#include "tests/traffic/mptcp_socket.h"

#include <optional>

#include <gtest/gtest.h>

namespace joinery::traffic {
namespace {

TEST(ParseEndpoint, Forms) {
  struct Row {
    const char* name;
    const char* text;
    bool valid;
  };
  const Row rows[] = {
      {.name = "v4", .text = "198.18.0.1:80", .valid = true},
      {.name = "v6", .text = "[2001:db8::1]:443", .valid = true},
      {.name = "v6 without brackets", .text = "2001:db8::1:443", .valid = false},
      {.name = "v4 in brackets", .text = "[198.18.0.1]:80", .valid = false},
      {.name = "no port", .text = "198.18.0.1", .valid = false},
      {.name = "empty port", .text = "198.18.0.1:", .valid = false},
      {.name = "port 0", .text = "198.18.0.1:0", .valid = false},
      {.name = "port with a tail", .text = "198.18.0.1:80x", .valid = false},
      {.name = "port too large", .text = "198.18.0.1:65536", .valid = false},
      {.name = "nothing", .text = "", .valid = false},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const auto endpoint = ParseEndpoint(row.text);
    ASSERT_EQ(endpoint.has_value(), row.valid);
    if (endpoint) {
      EXPECT_EQ(ToString(*endpoint), row.text);
    }
  }
}

TEST(Sockaddr, RoundTrip) {
  for (const char* text : {"198.18.0.1:80", "[2001:db8::1]:443"}) {
    const auto endpoint = ParseEndpoint(text);
    ASSERT_TRUE(endpoint.has_value());
    sockaddr_storage storage{};
    EXPECT_GT(ToSockaddr(*endpoint, storage), 0U);
    EXPECT_EQ(ToString(FromSockaddr(storage)), text);
  }
}

TEST(Sockaddr, MappedAddressIsIpv4) {
  const auto mapped = ParseEndpoint("[::ffff:198.18.0.1]:80");
  ASSERT_TRUE(mapped.has_value());
  sockaddr_storage storage{};
  EXPECT_GT(ToSockaddr(*mapped, storage), 0U);
  EXPECT_EQ(ToString(FromSockaddr(storage)), "198.18.0.1:80");
}

TEST(ConnectionState, CountsTheEstablished) {
  ConnectionState state;
  EXPECT_EQ(state.established(), 0U);
  state.subflows = {{.established = true}, {.established = false}, {.established = true}};
  EXPECT_EQ(state.established(), 2U);
}

}  // namespace
}  // namespace joinery::traffic
