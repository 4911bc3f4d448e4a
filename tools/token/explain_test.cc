#include "tools/token/explain.h"

#include <gtest/gtest.h>

#include "settings/config.h"

namespace joinery::token {
namespace {

settings::Backend MakeBackend(std::string name, uint16_t id, settings::BackendState state) {
  return {.name = std::move(name),
          .id = BackendId(id),
          .address = *IpAddress::Parse("198.18.0.11"),
          .state = state};
}

settings::Config MakeConfig(settings::Algorithm algorithm) {
  settings::Pool pool;
  pool.name = "web";
  pool.id = PoolId(1);
  pool.scheme.algorithm = algorithm;
  pool.scheme.generations = {{.codepoint = Codepoint(0),
                              .serial = Serial(7),
                              .state = settings::GenerationState::kDraining,
                              .key = settings::Key128::Bytes{1}},
                             {.codepoint = Codepoint(1),
                              .serial = Serial(8),
                              .state = settings::GenerationState::kActive,
                              .key = settings::Key128::Bytes{2}}};
  pool.backends = {MakeBackend("web1", 42, settings::BackendState::kUp),
                   MakeBackend("web2", 43, settings::BackendState::kFailed)};
  settings::Config config;
  config.pools.push_back(pool);
  return config;
}

PoolView Plain() { return FromConfig(MakeConfig(settings::Algorithm::kPlain), "web").value(); }

struct Row {
  std::string_view name;
  uint32_t token;
  std::string_view text;
};

TEST(Explain, ShowsEveryBit) {
  constexpr Row kRows[] = {
      {.name = "a backend that is up",
       .token = 0x4a912345,
       .text = "token     0x4a912345, pool web: plain, 2 + 8 + 22 bits\n"
               "  bits 31..30   01  codepoint 1: serial 8, active\n"
               "  bits 29..0    001010100100010010001101000101  ID and nonce, in the open\n"
               "meaning\n"
               "  bits 29..22   00101010  ID 42: web1 (198.18.0.11, up)\n"
               "  bits 21..0    0100010010001101000101  nonce 1123141\n"
               "verdict   a join goes to web1\n"},
      {.name = "a failed backend, a draining generation",
       .token = 0x0ac00000,
       .text = "token     0x0ac00000, pool web: plain, 2 + 8 + 22 bits\n"
               "  bits 31..30   00  codepoint 0: serial 7, draining\n"
               "  bits 29..0    001010110000000000000000000000  ID and nonce, in the open\n"
               "meaning\n"
               "  bits 29..22   00101011  ID 43: web2 (198.18.0.11, failed)\n"
               "  bits 21..0    0000000000000000000000  nonce 0\n"
               "verdict   a join goes by the hash: web2 is failed\n"},
      {.name = "an unused ID",
       .token = 0x40000001,
       .text = "token     0x40000001, pool web: plain, 2 + 8 + 22 bits\n"
               "  bits 31..30   01  codepoint 1: serial 8, active\n"
               "  bits 29..0    000000000000000000000000000001  ID and nonce, in the open\n"
               "meaning\n"
               "  bits 29..22   00000000  ID 0: no backend has it\n"
               "  bits 21..0    0000000000000000000001  nonce 1\n"
               "verdict   a join goes by the hash: unknown ID\n"},
      {.name = "a dead codepoint",
       .token = 0x80000000,
       .text = "token     0x80000000, pool web: plain, 2 + 8 + 22 bits\n"
               "  bits 31..30   10  codepoint 2: no generation is live under it\n"
               "  bits 29..0    000000000000000000000000000000  ID and nonce, in the open\n"
               "verdict   a join goes by the hash: unroutable\n"},
      {.name = "the reserved codepoint",
       .token = 0xffffffff,
       .text = "token     0xffffffff, pool web: plain, 2 + 8 + 22 bits\n"
               "  bits 31..30   11  codepoint 3: reserved: made without a scheme\n"
               "  bits 29..0    111111111111111111111111111111  ID and nonce, in the open\n"
               "verdict   a join goes by the hash: unroutable\n"},
  };
  const PoolView pool = Plain();
  for (const Row& row : kRows) EXPECT_EQ(Explain(pool, Token(row.token)), row.text) << row.name;
}

TEST(Explain, UndoesEncode) {
  const PoolView pool = FromConfig(MakeConfig(settings::Algorithm::kFf1), "").value();
  const Token token = Encode(pool, {.id = 42, .nonce = 99, .codepoint = {}}).value();
  const std::string text = Explain(pool, token);
  EXPECT_NE(text.find("codepoint 1: serial 8, active"), std::string::npos) << text;
  EXPECT_NE(text.find("ID 42: web1"), std::string::npos) << text;
  EXPECT_NE(text.find("nonce 99\n"), std::string::npos) << text;
  const Token older = Encode(pool, {.id = 42, .nonce = 99, .codepoint = 0}).value();
  EXPECT_NE(Explain(pool, older).find("serial 7, draining"), std::string::npos);
}

struct EncodeRow {
  std::string_view name;
  EncodeRequest request;
  std::string_view error;
};

TEST(Encode, RefusesWhatDoesNotFit) {
  const EncodeRow rows[] = {
      {.name = "id",
       .request = {.id = 256, .nonce = 0, .codepoint = {}},
       .error = "id 256 or nonce 0 is too large; allowed id 0..255, nonce 0..4194303"},
      {.name = "huge id",
       .request = {.id = 65536, .nonce = 0, .codepoint = {}},
       .error = "id 65536 or nonce 0 is too large; allowed id 0..255, nonce 0..4194303"},
      {.name = "nonce",
       .request = {.id = 1, .nonce = 4194304, .codepoint = {}},
       .error = "id 1 or nonce 4194304 is too large; allowed id 0..255, nonce 0..4194303"},
      {.name = "codepoint",
       .request = {.id = 1, .nonce = 0, .codepoint = 2},
       .error = "no generation is live under codepoint 2"},
  };
  const PoolView pool = Plain();
  for (const EncodeRow& row : rows) {
    const auto token = Encode(pool, row.request);
    ASSERT_FALSE(token) << row.name;
    EXPECT_EQ(token.error().message, row.error) << row.name;
  }
  SchemeFlags flags;
  flags.algorithm = "plain";
  flags.generations = {"0:1", "1:2"};
  const auto token = Encode(FromFlags(flags).value(), {.id = 1, .nonce = 0, .codepoint = {}});
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().message, "no generation is active; choose one with --codepoint");
}

struct ParseRow {
  std::string_view text;
  std::optional<Token> token;
};

TEST(ParseToken, TakesHexOnly) {
  constexpr ParseRow kRows[] = {
      {.text = "4a912345", .token = Token(0x4a912345)},
      {.text = "0x4A912345", .token = Token(0x4a912345)},
      {.text = "1", .token = Token(1)},
      {.text = "", .token = {}},
      {.text = "0x", .token = {}},
      {.text = "123456789", .token = {}},
      {.text = "000000001", .token = {}},
      {.text = "12g", .token = {}},
      {.text = "-1", .token = {}},
  };
  for (const ParseRow& row : kRows) EXPECT_EQ(ParseToken(row.text), row.token) << row.text;
}

}  // namespace
}  // namespace joinery::token
