#include "backend/agent/leases/lease_book.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

namespace joinery::agent {
namespace {

using tokenmap::LeaseKind;
using tokenmap::RefusalReason;

constexpr uint32_t kUid = 1000;
constexpr uint32_t kOtherUid = 1001;

EncodeUnder Under(uint64_t serial, uint8_t codepoint = 0) {
  return {.scheme = tokenmap::Scheme::Create(tokenmap::Algorithm::kFf1, PoolId(7), 2, 4).value(),
          .id = BackendId(5),
          .generation = {.codepoint = Codepoint(codepoint),
                         .serial = Serial(serial),
                         .key = crypto::Key128::Bytes{static_cast<uint8_t>(serial)}}};
}

class LeaseBookTest : public testing::Test {
 protected:
  LeaseBook Book(LeaseLimits limits = {}, const std::vector<KeptLease>& kept = {}) {
    LeaseBook book(limits, clock_, random_, kept);
    EXPECT_TRUE(book.Use(Under(1)));
    return book;
  }
  static LeaseId Open(LeaseBook& book, LeaseKind kind = LeaseKind::kTokens, uint32_t uid = kUid) {
    return book.Open(uid, {.kind = kind, .lease = 0}).value().lease;
  }
  static std::vector<Token> Take(LeaseBook& book, LeaseId lease, uint16_t count) {
    const tokenmap::Block block = book.Take(lease, count).value();
    std::vector<Token> tokens;
    for (const auto& item : block.items) tokens.push_back(item.token);
    return tokens;
  }
  // The ID that the token names under Under(serial); none: another generation's.
  static std::optional<BackendId> IdIn(Token token, uint64_t serial, uint8_t codepoint = 0) {
    const EncodeUnder under = Under(serial, codepoint);
    const auto decoder =
        tokenmap::TokenDecoder::Create(under.scheme, {&under.generation, 1}).value();
    const auto decoded = decoder.Decode(token);
    if (decoded.status != tokenmap::DecodeStatus::kOk) return std::nullopt;
    return decoded.id;
  }

  ManualClock clock_;
  SeededRandom random_{1};
};

TEST_F(LeaseBookTest, GivesTokensThatNameTheBackend) {
  LeaseBook book = Book();
  const LeaseId lease = Open(book);
  std::set<Token> all;
  for (int i = 0; i < 4; ++i) {
    for (const Token token : Take(book, lease, 64)) {
      EXPECT_EQ(IdIn(token, 1), BackendId(5));
      EXPECT_TRUE(all.insert(token).second) << "given twice";
    }
  }
  EXPECT_EQ(book.InUse(), (std::map<Serial, uint32_t>{{Serial(1), 256}}));
}

TEST_F(LeaseBookTest, GivesKeysWhoseTokensNameTheBackend) {
  LeaseBook book = Book({.max_keys_block = 8});
  const LeaseId lease = Open(book, LeaseKind::kKeys);
  const auto block = book.Take(lease, 64);
  ASSERT_TRUE(block);
  EXPECT_EQ(block->items.size(), 8U) << "the limit of a block";
  for (const auto& item : block->items) {
    EXPECT_EQ(tokenmap::DerivedToken(item.key, 1), item.token);
    EXPECT_EQ(IdIn(item.token, 1), BackendId(5));
  }
}

TEST_F(LeaseBookTest, GivesNothingWithoutAScheme) {
  LeaseBook book(LeaseLimits{}, clock_, random_, {});
  const LeaseId lease = Open(book);
  EXPECT_EQ(book.Take(lease, 1).error().reason, RefusalReason::kNoScheme);
  EXPECT_TRUE(book.Use(Under(1)));
  EXPECT_TRUE(book.Take(lease, 1));
  EXPECT_TRUE(book.Use(std::nullopt));
  EXPECT_EQ(book.Take(lease, 1).error().reason, RefusalReason::kNoScheme);
}

TEST_F(LeaseBookTest, GivesNothingWhileDraining) {
  LeaseBook book = Book();
  const LeaseId lease = Open(book);
  book.SetDraining(true);
  EXPECT_EQ(book.Take(lease, 1).error().reason, RefusalReason::kDraining);
  book.SetDraining(false);
  EXPECT_TRUE(book.Take(lease, 1));
}

TEST_F(LeaseBookTest, CountsAUsersLeasesTogether) {
  LeaseBook book = Book({.quota = 100});
  const LeaseId first = Open(book);
  const LeaseId second = Open(book);
  const auto held = Take(book, first, 64);
  EXPECT_EQ(Take(book, second, 64).size(), 36U);
  EXPECT_EQ(book.Take(second, 1).error().reason, RefusalReason::kQuota);
  EXPECT_TRUE(book.Take(Open(book, LeaseKind::kTokens, kOtherUid), 64)) << "another user's quota";
  EXPECT_TRUE(book.Give(first, {held[0]}));
  EXPECT_TRUE(book.Take(second, 1));
}

TEST_F(LeaseBookTest, BoundsTheNumberOfLeases) {
  LeaseBook book = Book({.max_leases = 2});
  Open(book);
  Open(book);
  EXPECT_EQ(book.Open(kUid, {}).error().reason, RefusalReason::kTooMany);
}

TEST_F(LeaseBookTest, TakesBackOnlyWhatWasGiven) {
  LeaseBook book = Book();
  const LeaseId mine = Open(book);
  const LeaseId theirs = Open(book, LeaseKind::kTokens, kOtherUid);
  const auto held = Take(book, mine, 2);
  EXPECT_EQ(book.Give(theirs, {held[0]}).error().reason, RefusalReason::kProtocol);
  EXPECT_TRUE(book.Give(mine, {held[0]}));
  EXPECT_EQ(book.Give(mine, {held[0]}).error().reason, RefusalReason::kProtocol) << "twice";
  EXPECT_EQ(book.InUse(), (std::map<Serial, uint32_t>{{Serial(1), 1}}));
}

TEST_F(LeaseBookTest, EndsALeaseThatIsWithoutConnectionFor120Seconds) {
  LeaseBook book = Book();
  const LeaseId lease = Open(book);
  static_cast<void>(Take(book, lease, 10));
  book.Disconnected(lease);
  clock_.Advance(LeaseBook::kLinger - std::chrono::milliseconds(1));
  EXPECT_FALSE(book.Expire());
  EXPECT_EQ(book.InUse(), (std::map<Serial, uint32_t>{{Serial(1), 10}}));
  clock_.Advance(std::chrono::milliseconds(1));
  EXPECT_TRUE(book.Expire());
  EXPECT_TRUE(book.InUse().empty());
  EXPECT_EQ(book.Open(kUid, {.kind = LeaseKind::kTokens, .lease = lease}).error().reason,
            RefusalReason::kUnknownLease);
}

TEST_F(LeaseBookTest, LetsItsHolderComeBack) {
  LeaseBook book = Book();
  const LeaseId lease = Open(book);
  const auto held = Take(book, lease, 10);
  EXPECT_EQ(book.Open(kUid, {.kind = LeaseKind::kTokens, .lease = lease}).error().reason,
            RefusalReason::kUnknownLease)
      << "it has a connection";
  book.Disconnected(lease);
  EXPECT_FALSE(book.Open(kOtherUid, {.kind = LeaseKind::kTokens, .lease = lease}));
  EXPECT_FALSE(book.Open(kUid, {.kind = LeaseKind::kKeys, .lease = lease}));
  ASSERT_TRUE(book.Open(kUid, {.kind = LeaseKind::kTokens, .lease = lease}));
  EXPECT_FALSE(book.Keep(lease, {held[0], Token(1)})) << "one that it never held";
  ASSERT_TRUE(book.Keep(lease, {held[0], held[3]}));
  EXPECT_EQ(book.InUse(), (std::map<Serial, uint32_t>{{Serial(1), 2}}));
}

// Leases that the agent kept over its restart: their tokens are not given to others.
TEST_F(LeaseBookTest, RemembersWhatWasHeldOverARestart) {
  LeaseBook before = Book();
  const LeaseId lease = Open(before);
  const auto held = Take(before, lease, 100);
  const auto kept = before.Kept();

  LeaseBook after = Book({}, kept);
  EXPECT_EQ(after.Kept(), kept);
  EXPECT_EQ(after.InUse(), (std::map<Serial, uint32_t>{{Serial(1), 100}}));
  const LeaseId other = Open(after);
  std::set<Token> all(held.begin(), held.end());
  for (int i = 0; i < 3; ++i) {
    for (const Token token : Take(after, other, 1024)) {
      EXPECT_TRUE(all.insert(token).second) << "given twice";
    }
  }
  EXPECT_TRUE(after.Open(kUid, {.kind = LeaseKind::kTokens, .lease = lease}));
}

TEST_F(LeaseBookTest, CountsOldGenerationsUntilTheyAreGivenBack) {
  LeaseBook book = Book();
  const LeaseId lease = Open(book);
  const auto old = Take(book, lease, 3);
  ASSERT_TRUE(book.Use(Under(2, 1)));
  EXPECT_EQ(book.serial(), Serial(2));
  for (const Token token : Take(book, lease, 4)) EXPECT_EQ(IdIn(token, 2, 1), BackendId(5));
  EXPECT_EQ(book.InUse(), (std::map<Serial, uint32_t>{{Serial(1), 3}, {Serial(2), 4}}));
  ASSERT_TRUE(book.Give(lease, old));
  EXPECT_EQ(book.InUse(), (std::map<Serial, uint32_t>{{Serial(2), 4}}));
}

// Rollback: what is still held of the generation is not given out again.
TEST_F(LeaseBookTest, ComesBackToAnOldGeneration) {
  LeaseBook book = Book();
  const LeaseId lease = Open(book);
  const auto held = Take(book, lease, 100);
  ASSERT_TRUE(book.Use(Under(2, 1)));
  ASSERT_TRUE(book.Use(Under(1)));
  std::set<Token> all(held.begin(), held.end());
  for (const Token token : Take(book, lease, 1024)) EXPECT_TRUE(all.insert(token).second);
}

TEST_F(LeaseBookTest, OutlivesMoreGenerationsThanThereAreCodepoints) {
  LeaseBook book = Book();
  const LeaseId lease = Open(book);
  std::vector<Token> held;
  for (uint64_t serial = 1; serial <= 20; ++serial) {
    ASSERT_TRUE(book.Use(Under(serial, static_cast<uint8_t>(serial % 3))));
    for (const Token token : Take(book, lease, 1)) held.push_back(token);
  }
  EXPECT_EQ(book.InUse().size(), 20U);
  EXPECT_TRUE(book.Give(lease, held));
  EXPECT_TRUE(book.InUse().empty());
}

}  // namespace
}  // namespace joinery::agent
