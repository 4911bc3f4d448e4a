#include "backend/agent/run/users.h"

#include <gtest/gtest.h>

namespace joinery::agent {
namespace {

TEST(UsersByName, TakesNamesAndNumbers) {
  const auto users = UsersByName({"root", "1234"});
  ASSERT_TRUE(users) << users.error().message;
  EXPECT_EQ(*users, (std::vector<uint32_t>{0, 1234}));
}

TEST(UsersByName, NamesWhoIsMissing) {
  for (const char* name : {"no-such-user", "12x", ""}) {
    const auto users = UsersByName({"root", name});
    ASSERT_FALSE(users) << name;
    EXPECT_EQ(users.error().message, std::string("this host has no user ") + name);
  }
}

}  // namespace
}  // namespace joinery::agent
