#include "api/net/identity.h"

#include <gtest/gtest.h>

namespace joinery::api {
namespace {

TEST(Identity, EveryRoleComesBackAsItWas) {
  for (const char* uri : {"joinery:balancer:lb1", "joinery:agent:web/web-1.example",
                          "joinery:control:c", "joinery:operator:anna_b"}) {
    const auto identity = ParseIdentity(uri);
    ASSERT_TRUE(identity.has_value()) << uri;
    EXPECT_EQ(ToString(*identity), uri);
  }
  const auto agent = ParseIdentity("joinery:agent:web/web1");
  EXPECT_EQ(agent->role, Role::kAgent);
  EXPECT_EQ(agent->pool, "web");
  EXPECT_EQ(agent->name, "web1");
}

TEST(Identity, WhatIsLocalIsKnownByItsUser) {
  EXPECT_EQ(ToString(Identity{.uid = 1000}), "uid 1000");
  EXPECT_FALSE(ParseIdentity("uid 1000").has_value());
}

TEST(Identity, NothingElseIsOne) {
  for (const char* bad :
       {"", "joinery", "joinery:", "joinery:agent", "joinery:agent:", "joinery:agent:web",
        "joinery:agent:web/", "joinery:agent:/web1", "joinery:agent:web/a/b", "joinery:balancer:",
        "joinery:balancer:a b", "joinery:balancer:a/b", "joinery:balancer:-a", "joinery:root:a",
        "JOINERY:balancer:a", "spiffe://joinery:balancer:a", "joinery:balancer:a\n"}) {
    EXPECT_FALSE(ParseIdentity(bad).has_value()) << bad;
  }
  EXPECT_FALSE(ParseIdentity("joinery:control:" + std::string(64, 'a')).has_value());
}

}  // namespace
}  // namespace joinery::api
