#include "tests/traffic/line_protocol.h"

#include <array>
#include <optional>

#include <gtest/gtest.h>

namespace joinery::traffic {
namespace {

TEST(ParseRequest, Lines) {
  struct Row {
    const char* name;
    std::string line;
    std::optional<Request> request;
  };
  const Row rows[] = {
      {.name = "info", .line = "INFO", .request = Request{.verb = Verb::kInfo}},
      {.name = "echo", .line = "ECHO a b", .request = Request{.verb = Verb::kEcho, .text = "a b"}},
      {.name = "empty echo", .line = "ECHO ", .request = Request{.verb = Verb::kEcho}},
      {.name = "send",
       .line = "SEND 65536",
       .request = Request{.verb = Verb::kSend, .bytes = 65536}},
      {.name = "largest send",
       .line = "SEND 1073741824",
       .request = Request{.verb = Verb::kSend, .bytes = kMaxSendBytes}},
      {.name = "too large a send", .line = "SEND 1073741825", .request = {}},
      {.name = "send of a sign", .line = "SEND -1", .request = {}},
      {.name = "send with a tail", .line = "SEND 12abc", .request = {}},
      {.name = "send of nothing", .line = "SEND ", .request = {}},
      {.name = "lower case", .line = "info", .request = {}},
      {.name = "nothing", .line = "", .request = {}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const auto request = ParseRequest(row.line);
    ASSERT_EQ(request.has_value(), row.request.has_value());
    if (request) {
      EXPECT_TRUE(*request == *row.request);
    }
  }
}

TEST(Info, RoundTrip) {
  const ServerInfo info{
      .backend = "web1", .mptcp = true, .token = Token(0x0a0b0c0d), .subflows = 2};
  const std::string line = EmitInfo(info);
  EXPECT_EQ(line, "INFO backend=web1 mptcp=1 token=0a0b0c0d subflows=2\n");
  const auto parsed = ParseInfo(std::string_view(line).substr(0, line.size() - 1));
  ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
  EXPECT_TRUE(*parsed == info);
}

TEST(Info, RefusesWhatIsNotOne) {
  struct Row {
    const char* name;
    const char* line;
  };
  const Row rows[] = {
      {.name = "empty", .line = ""},
      {.name = "no field", .line = "INFO "},
      {.name = "missing field", .line = "INFO backend=a mptcp=1 token=00000001"},
      {.name = "short token", .line = "INFO backend=a mptcp=1 token=1 subflows=1"},
      {.name = "mptcp is 2", .line = "INFO backend=a mptcp=2 token=00000001 subflows=1"},
      {.name = "tail", .line = "INFO backend=a mptcp=1 token=00000001 subflows=1 x=1"},
      {.name = "bad name", .line = "INFO backend=\" mptcp=1 token=00000001 subflows=1"},
  };
  for (const Row& row : rows) {
    EXPECT_FALSE(ParseInfo(row.line).has_value()) << row.name;
  }
}

TEST(IsName, Limits) {
  EXPECT_TRUE(IsName("web-1"));
  EXPECT_TRUE(IsName(std::string(kMaxName, 'a')));
  EXPECT_FALSE(IsName(std::string(kMaxName + 1, 'a')));
  EXPECT_FALSE(IsName(""));
  EXPECT_FALSE(IsName("a b"));
  EXPECT_FALSE(IsName("a\""));
}

TEST(Pattern, ShowsALostAndADoubledPiece) {
  std::array<uint8_t, 1024> bytes{};
  FillPattern(7000, bytes);
  EXPECT_EQ(FirstWrongByte(7000, bytes), bytes.size());
  EXPECT_EQ(FirstWrongByte(7001, bytes), 0U);
  bytes[512] ^= 1;
  EXPECT_EQ(FirstWrongByte(7000, bytes), 512U);
}

}  // namespace
}  // namespace joinery::traffic
