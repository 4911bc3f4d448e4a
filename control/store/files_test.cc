#include "control/store/files.h"

#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <gtest/gtest.h>

#include <sys/stat.h>

namespace joinery::control {
namespace {

namespace fs = std::filesystem;

class FilesTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        testing::TempDir() + "/" + testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    path_ = folder_ + "/f";
  }

  std::string ReadError() {
    const auto read = files_.Read(path_);
    return read ? "no error" : read.error().message;
  }

  SystemFiles files_;
  std::string folder_;
  std::string path_;
};

TEST_F(FilesTest, WhatIsWrittenIsRead) {
  const std::string bytes("a\0b\n", 4);
  ASSERT_TRUE(files_.Write(path_, bytes));
  ASSERT_TRUE(files_.Sync(path_));
  ASSERT_TRUE(files_.Rename(path_, path_ + "2"));
  ASSERT_TRUE(files_.SyncFolder(path_));
  EXPECT_EQ(files_.Read(path_ + "2")->value(), bytes);
  EXPECT_FALSE(files_.Read(path_)->has_value()) << "it was renamed";
}

TEST_F(FilesTest, IsPrivateWhateverWasThere) {
  std::ofstream(path_) << "old";
  fs::permissions(path_, fs::perms::all);
  ASSERT_TRUE(files_.Write(path_, "new"));
  EXPECT_EQ(fs::status(path_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(FilesTest, RefusesWhatOthersMayUse) {
  ASSERT_TRUE(files_.Write(path_, "x"));
  fs::permissions(path_, fs::perms::group_read, fs::perm_options::add);
  EXPECT_EQ(ReadError(), "has mode 0640, so others may use it; mend: chmod 600");
}

TEST_F(FilesTest, RefusesLinksAndFolders) {
  fs::create_symlink("/dev/null", path_);
  EXPECT_EQ(ReadError(), "is a symbolic link; expected the file itself");
  fs::remove(path_);
  fs::create_directory(path_);
  EXPECT_EQ(ReadError(), "is not a regular file");
}

TEST_F(FilesTest, RefusesAnotherOwner) {
  if (geteuid() != 0) {  // then root's files are another owner's
    path_ = "/etc/hostname";
    EXPECT_NE(ReadError().find("belongs to user 0"), std::string::npos);
    return;
  }
  ASSERT_TRUE(files_.Write(path_, "x"));
  constexpr uid_t kNobody = 65534;
  if (chown(path_.c_str(), kNobody, kNobody) != 0) {  // a sandbox may know no other user
    EXPECT_NE(ReadError(), "");
    return;
  }
  EXPECT_EQ(ReadError(), "belongs to user 65534; expected 0, whom this program runs as");
}

}  // namespace
}  // namespace joinery::control
