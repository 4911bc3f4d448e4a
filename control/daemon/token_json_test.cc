#include "control/daemon/token_json.h"

#include <gtest/gtest.h>

namespace joinery::control {
namespace {

// Plain tokens show their parts: r = 2, s = 8, so 22 bits of nonce.
Durable Installation() {
  Durable durable;
  Pool& web = durable.pools["web"];
  web.layout = {.id = PoolId(1), .algorithm = settings::Algorithm::kPlain};
  web.generations.push_back({.codepoint = Codepoint(1),
                             .serial = Serial(9),
                             .state = settings::GenerationState::kActive,
                             .key = {}});
  web.backends["b1"].id = BackendId(5);
  durable.pools["stock"].layout.handshake = settings::Handshake::kNone;
  return durable;
}

std::string Decoded(std::string_view token, std::string_view pool = "") {
  const auto json = TokenJson(Installation(), token, pool);
  return json ? *json : json.error().message;
}

TEST(TokenJson, NamesTheBackend) {
  const std::string expected =
      R"({"schema":1,"token":"0x41400001","pools":[{"pool":"web","codepoint":1,)"
      R"("status":"decoded","serial":9,"generation":"active","id":5,)"
      R"("backend":"b1","state":"added"}]})";
  EXPECT_EQ(Decoded("0x41400001"), expected);
  EXPECT_EQ(Decoded("41400001", "web"), expected);
}

TEST(TokenJson, SaysWhatItDoesNotName) {
  EXPECT_NE(Decoded("0x41800001").find("\"id\":6,\"backend\":null"), std::string::npos);
  EXPECT_NE(Decoded("0x01400001").find("no_generation"), std::string::npos);
  EXPECT_NE(Decoded("0xc1400001").find("reserved"), std::string::npos);
}

TEST(TokenJson, RefusesWhatIsNoTokenOrPool) {
  EXPECT_EQ(Decoded("0xzz"), "0xzz is no token; expected 8 hexadecimal digits");
  EXPECT_EQ(Decoded("123456789"), "123456789 is no token; expected 8 hexadecimal digits");
  EXPECT_EQ(Decoded("1", "nope"), "there is no pool nope");
}

}  // namespace
}  // namespace joinery::control
