#include "control/store/state_key.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace joinery::control {
namespace {

namespace fs = std::filesystem;

std::string Made(const std::string& text, fs::perms mode = fs::perms::owner_read) {
  const std::string path = testing::TempDir() + "/state.key";
  fs::remove(path);
  std::ofstream(path) << text;
  fs::permissions(path, mode);
  return path;
}

TEST(StateKey, IsRead) {
  const auto key = ReadStateKey(Made(std::string(62, '0') + "a1\n"));
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(key->bytes().front(), 0);
  EXPECT_EQ(key->bytes().back(), 0xa1);
}

TEST(StateKey, RefusesWithoutShowingIt) {
  const std::string missing = testing::TempDir() + "/none.key";
  EXPECT_NE(ReadStateKey(missing).error().message.find("is missing; make one with"),
            std::string::npos);
  for (const std::string& text :
       {std::string(62, 'a'), std::string(66, 'a'), std::string(64, 'x'), std::string()}) {
    const auto key = ReadStateKey(Made(text));
    ASSERT_FALSE(key) << text;
    EXPECT_NE(key.error().message.find("does not hold 64 hexadecimal digits"), std::string::npos);
    EXPECT_EQ(key.error().message.find("aaaa"), std::string::npos);
  }
  const auto open =
      ReadStateKey(Made(std::string(64, 'a'), fs::perms::owner_read | fs::perms::others_read));
  ASSERT_FALSE(open);
  EXPECT_NE(open.error().message.find("chmod 600"), std::string::npos);
}

}  // namespace
}  // namespace joinery::control
