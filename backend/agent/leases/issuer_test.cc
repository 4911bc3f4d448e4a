#include "backend/agent/leases/issuer.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace joinery::agent {
namespace {

// 18 bits of nonce: the smallest space there is.
EncodeUnder Crowded() {
  return {.scheme = tokenmap::Scheme::Create(tokenmap::Algorithm::kPlain, PoolId(7), 2, 12).value(),
          .id = BackendId(5),
          .generation = {.codepoint = Codepoint(1), .serial = Serial(3), .key = {}}};
}

class IssuerTest : public testing::Test {
 protected:
  Issuer Make(const std::vector<Token>& held = {}) {
    return Issuer::Create(Crowded(), clock_, random_, held).value();
  }
  static size_t TakeAll(Issuer& issuer, size_t count) {
    size_t taken = 0;
    while (taken < count) {
      const auto some = issuer.Tokens(1024);
      if (some.empty()) break;
      taken += some.size();
    }
    return taken;
  }

  ManualClock clock_;
  SeededRandom random_{1};
};

TEST_F(IssuerTest, WarnsAtHalfAndRefusesAtFourFifths) {
  constexpr size_t kSpace = 1 << 18;
  Issuer issuer = Make();
  EXPECT_EQ(issuer.serial(), Serial(3));
  EXPECT_EQ(TakeAll(issuer, kSpace / 4), kSpace / 4);
  EXPECT_FALSE(issuer.crowded());
  EXPECT_GE(TakeAll(issuer, kSpace / 4 + 1024), kSpace / 4);
  EXPECT_TRUE(issuer.crowded());
  const size_t rest = TakeAll(issuer, kSpace);
  EXPECT_LT(kSpace / 2 + rest, kSpace * 81 / 100);
  EXPECT_TRUE(issuer.Tokens(1).empty());
}

TEST_F(IssuerTest, UsesATokenAgainOnlyAfterItHasCooled) {
  Issuer issuer = Make();
  const Token first = issuer.Tokens(1).at(0).token;
  issuer.Release(first);
  issuer.Release(first);            // a second time changes nothing
  issuer.Release(Token(0));         // another generation's
  issuer.Release(Token(1U << 30));  // another backend's
  clock_.Advance(tokenmap::TokenAllocator::kCoolingTime - Nanoseconds(1));
  for (const auto& item : issuer.Tokens(1024)) EXPECT_NE(item.token, first);
}

TEST_F(IssuerTest, LeavesOutWhatIsHeld) {
  Issuer before = Make();
  const auto given = before.Tokens(1024);
  std::vector<Token> held = {Token(0)};  // not this generation's: no hindrance
  for (const auto& item : given) held.push_back(item.token);
  held.push_back(held.back());
  random_ = SeededRandom(1);  // the walk begins at the same place
  Issuer after = Make(held);
  for (const auto& item : after.Tokens(1024)) {
    EXPECT_EQ(std::ranges::find(held, item.token), held.end());
  }
}

TEST_F(IssuerTest, HasNoKeysWhereTokensAreTooWide) {
  Issuer issuer = Make();
  EXPECT_TRUE(issuer.Keys(1).empty());
}

}  // namespace
}  // namespace joinery::agent
