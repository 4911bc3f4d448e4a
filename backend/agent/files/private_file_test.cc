#include "backend/agent/files/private_file.h"

#include <filesystem>
#include <unistd.h>

#include <gtest/gtest.h>

#include <sys/stat.h>

namespace joinery::agent {
namespace {

std::string Fresh(const std::string& name) {
  const std::string folder = testing::TempDir() + "/" + name;
  std::filesystem::remove_all(folder);
  return folder + "/file";
}

mode_t ModeOf(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(stat(path.c_str(), &status), 0);
  return status.st_mode & 0777;
}

TEST(PrivateFile, ReadsWhatWasWritten) {
  const std::string path = Fresh("round_trip");
  const auto nothing = ReadPrivate(path, 100);
  ASSERT_TRUE(nothing);
  EXPECT_FALSE(*nothing);
  for (const std::string& content : {std::string("one"), std::string(), std::string("x\0y", 3)}) {
    ASSERT_TRUE(WritePrivate(path, content));
    EXPECT_EQ(ReadPrivate(path, 100).value(), content);
    EXPECT_EQ(ModeOf(path), 0600U);
  }
  EXPECT_EQ(ModeOf(std::filesystem::path(path).parent_path()), 0700U);
}

TEST(PrivateFile, RefusesWhatOthersMayRead) {
  const std::string path = Fresh("loose");
  ASSERT_TRUE(WritePrivate(path, "secret"));
  chmod(path.c_str(), 0640);
  const auto read = ReadPrivate(path, 100);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("chmod 600"), std::string::npos);
}

TEST(PrivateFile, RefusesLinksFoldersAndLongFiles) {
  const std::string path = Fresh("refused");
  ASSERT_TRUE(WritePrivate(path, "0123456789"));
  EXPECT_FALSE(ReadPrivate(path, 9));
  EXPECT_TRUE(ReadPrivate(path, 10));
  EXPECT_EQ(symlink(path.c_str(), (path + ".link").c_str()), 0);
  EXPECT_FALSE(ReadPrivate(path + ".link", 100));
  EXPECT_FALSE(ReadPrivate(std::filesystem::path(path).parent_path(), 100));
}

}  // namespace
}  // namespace joinery::agent
