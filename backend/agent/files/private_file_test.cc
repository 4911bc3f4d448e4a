#include "backend/agent/files/durable_file.h"

#include <filesystem>
#include <fstream>
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

TEST(DurableFile, ReadsWhatWasWritten) {
  const std::string path = Fresh("round_trip");
  const auto nothing = ReadPrivate(path, 100);
  ASSERT_TRUE(nothing);
  EXPECT_FALSE(*nothing);
  for (const std::string& content : {std::string("one"), std::string(), std::string("x\0y", 3)}) {
    ASSERT_TRUE(WriteDurably(path, content));
    EXPECT_EQ(ReadPrivate(path, 100).value(), content);
    EXPECT_EQ(ModeOf(path), 0600U);
  }
  EXPECT_EQ(ModeOf(std::filesystem::path(path).parent_path()), 0700U);
  EXPECT_FALSE(std::filesystem::exists(path + ".new"));
}

TEST(DurableFile, WritesOverWhatACrashLeft) {
  const std::string path = Fresh("left_over");
  ASSERT_TRUE(WriteDurably(path, "old"));
  std::ofstream(path + ".new") << "half";
  EXPECT_EQ(ReadPrivate(path, 100).value(), "old");
  ASSERT_TRUE(WriteDurably(path, "new"));
  EXPECT_EQ(ReadPrivate(path, 100).value(), "new");
}

TEST(DurableFile, KeepsTheOldContentWhenItCannotWrite) {
  const std::string path = Fresh("no_room");
  ASSERT_TRUE(WriteDurably(path, "old"));
  std::filesystem::create_directories(path + ".new/in_the_way");
  EXPECT_FALSE(WriteDurably(path, "new"));
  EXPECT_EQ(ReadPrivate(path, 100).value(), "old");
}

TEST(DurableFile, RefusesWhatOthersMayRead) {
  const std::string path = Fresh("loose");
  ASSERT_TRUE(WriteDurably(path, "secret"));
  chmod(path.c_str(), 0640);
  const auto read = ReadPrivate(path, 100);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("chmod 600"), std::string::npos);
}

TEST(DurableFile, RefusesLinksFoldersAndLongFiles) {
  const std::string path = Fresh("refused");
  ASSERT_TRUE(WriteDurably(path, "0123456789"));
  EXPECT_FALSE(ReadPrivate(path, 9));
  EXPECT_TRUE(ReadPrivate(path, 10));
  EXPECT_EQ(symlink(path.c_str(), (path + ".link").c_str()), 0);
  EXPECT_FALSE(ReadPrivate(path + ".link", 100));
  EXPECT_FALSE(ReadPrivate(std::filesystem::path(path).parent_path(), 100));
}

}  // namespace
}  // namespace joinery::agent
