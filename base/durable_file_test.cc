#include "base/durable_file.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

namespace joinery {
namespace {

namespace fs = std::filesystem;

constexpr fs::perms kOwnerOnly = fs::perms::owner_read | fs::perms::owner_write;

class DurableFile : public testing::Test {
 protected:
  DurableFile() {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~DurableFile() override { fs::remove_all(folder_); }

  static std::string Text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string folder_ = testing::TempDir() + "durable_file_" +
                        testing::UnitTest::GetInstance()->current_test_info()->name();
  std::string path_ = folder_ + "/file";
};

TEST_F(DurableFile, HoldsThePiecesOfTheLastWrite) {
  ASSERT_TRUE(WriteDurably(path_, {"one"}));
  EXPECT_EQ(Text(path_), "one");
  ASSERT_TRUE(WriteDurably(path_, {"head\n", "", std::string_view("x\0y", 3)}));
  EXPECT_EQ(Text(path_), std::string("head\nx\0y", 8));
  ASSERT_TRUE(WriteDurably(path_, {}));
  EXPECT_EQ(Text(path_), "");
  EXPECT_FALSE(fs::exists(path_ + ".new"));
}

TEST_F(DurableFile, IsPrivateWhateverACrashLeft) {
  std::ofstream(path_ + ".new") << "half";
  fs::permissions(path_ + ".new", fs::perms::all);
  ASSERT_TRUE(WriteDurably(path_, {"whole"}));
  EXPECT_EQ(Text(path_), "whole");
  EXPECT_EQ(fs::status(path_).permissions(), kOwnerOnly);
}

TEST_F(DurableFile, WritesNotThroughALink) {
  std::ofstream(folder_ + "/victim") << "untouched";
  fs::create_symlink(folder_ + "/victim", path_ + ".new");
  ASSERT_TRUE(WriteDurably(path_, {"new"}));
  fs::create_symlink(folder_ + "/victim", folder_ + "/link");
  ASSERT_TRUE(WriteAnew(folder_ + "/link", "new"));
  EXPECT_EQ(Text(folder_ + "/victim"), "untouched");
}

TEST_F(DurableFile, KeepsTheOldContentWhenItCannotWrite) {
  ASSERT_TRUE(WriteDurably(path_, {"old"}));
  // A folder where the new file would be; root may write anywhere, so no mode helps.
  fs::create_directories(path_ + ".new/in_the_way");
  const auto done = WriteDurably(path_, {"new"});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, path_ + ".new: cannot be replaced: Is a directory");
  EXPECT_EQ(Text(path_), "old");
}

TEST_F(DurableFile, NamesThePathThatFails) {
  fs::create_directories(path_ + "/full");  // nothing is renamed over a folder
  EXPECT_EQ(WriteDurably(path_, {"x"}).error().message,
            path_ + ": cannot be renamed: Is a directory");
  EXPECT_EQ(WriteDurably(folder_ + "/no/file", {"x"}).error().message,
            folder_ + "/no/file.new: cannot be created: No such file or directory");
}

TEST_F(DurableFile, StepByStep) {
  ASSERT_TRUE(WriteAnew(path_ + "1", "x"));
  EXPECT_EQ(fs::status(path_ + "1").permissions(), kOwnerOnly);
  ASSERT_TRUE(SyncFile(path_ + "1"));
  ASSERT_TRUE(RenameOver(path_ + "1", path_));
  ASSERT_TRUE(SyncFolderOf(path_));
  EXPECT_EQ(Text(path_), "x");
  EXPECT_FALSE(fs::exists(path_ + "1"));
  EXPECT_TRUE(SyncFolderOf("a-file-here")) << "the folder is the current one";
}

TEST_F(DurableFile, EachStepSaysWhyItCannot) {
  const std::string nowhere = folder_ + "/no/file";
  EXPECT_EQ(WriteAnew(nowhere, "x").error().message,
            "cannot be created: No such file or directory");
  EXPECT_EQ(SyncFile(nowhere).error().message, "cannot be opened: No such file or directory");
  EXPECT_EQ(RenameOver(nowhere, path_).error().message,
            "cannot be renamed: No such file or directory");
  EXPECT_EQ(SyncFolderOf(nowhere).error().message, "cannot be opened: No such file or directory");
}

TEST_F(DurableFile, AFullDiskIsAnError) {
  std::FILE* full = std::fopen("/dev/full", "w");
  ASSERT_NE(full, nullptr);
  EXPECT_FALSE(WriteAll(fileno(full), "x"));
  EXPECT_EQ(errno, ENOSPC);
  EXPECT_TRUE(WriteAll(fileno(full), "")) << "there is nothing to write";
  std::fclose(full);
}

}  // namespace
}  // namespace joinery
