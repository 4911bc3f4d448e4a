#include "control/daemon/token_owner.h"

#include <gtest/gtest.h>

namespace joinery::control {
namespace {

using health::TokenOwner;

// Plain tokens show their parts: r = 2, s = 8, so 22 bits of nonce. One generation, codepoint 1.
Durable Installation() {
  Durable durable;
  Pool& web = durable.pools["web"];
  web.layout = {.id = PoolId(1), .algorithm = settings::Algorithm::kPlain};
  web.generations.push_back({.codepoint = Codepoint(1), .serial = Serial(9), .key = {}});
  web.backends["b1"].id = BackendId(5);
  return durable;
}

TEST(TokenOwner, SaysWhoseATokenIs) {
  struct Row {
    const char* name;
    uint32_t token;
    BackendRef backend;
    TokenOwner owner;
  };
  const BackendRef b1 = {.pool = "web", .backend = "b1"};
  const Row rows[] = {
      {.name = "its own ID", .token = 0x41400001, .backend = b1, .owner = TokenOwner::kSelf},
      {.name = "another ID", .token = 0x41800001, .backend = b1, .owner = TokenOwner::kOther},
      {.name = "no live generation",
       .token = 0x01400001,
       .backend = b1,
       .owner = TokenOwner::kOther},
      {.name = "the reserved codepoint",
       .token = 0xc1400001,
       .backend = b1,
       .owner = TokenOwner::kNobody},
      {.name = "no such backend",
       .token = 0x41400001,
       .backend = {.pool = "web", .backend = "b9"},
       .owner = TokenOwner::kUnread},
      {.name = "no such pool",
       .token = 0x41400001,
       .backend = {.pool = "x", .backend = "b1"},
       .owner = TokenOwner::kUnread},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(OwnerOf(Installation(), row.backend, Token(row.token)), row.owner) << row.name;
  }
}

// Stock kernels' tokens name nobody, and explicit ones do not follow from the key.
TEST(TokenOwner, OnlyDerivedTokensAreRead) {
  for (const auto handshake : {settings::Handshake::kNone, settings::Handshake::kExplicit}) {
    Durable durable = Installation();
    durable.pools["web"].layout.handshake = handshake;
    EXPECT_EQ(OwnerOf(durable, {.pool = "web", .backend = "b1"}, Token(0x41800001)),
              TokenOwner::kUnread);
  }
}

}  // namespace
}  // namespace joinery::control
