#include "lb/follow/last_good.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include <sys/stat.h>

#include "api/digest.h"

namespace joinery::follow {
namespace {

namespace fs = std::filesystem;

class LastGoodTest : public testing::Test {
 protected:
  LastGoodTest() { fs::remove_all(folder_); }
  ~LastGoodTest() override { fs::remove_all(folder_); }

  static api::Stamp StampOf(uint64_t version, std::string_view bytes) {
    return {.at = {3, version}, .digest = api::DigestOf(bytes)};
  }
  static unsigned ModeOf(const fs::path& path) {
    struct stat status {};
    EXPECT_EQ(stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 07777U;
  }
  std::string File() const { return folder_ + "/scheme.view"; }
  std::string Text() const {
    std::ifstream file(File(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void Overwrite(const std::string& text) const { std::ofstream(File()) << text; }

  std::string folder_ = testing::TempDir() + "joinery-last-good/lb";
};

TEST_F(LastGoodTest, GivesBackWhatWasStored) {
  {
    const auto disk = LastGood::Open(folder_);
    ASSERT_TRUE(disk) << disk.error().message;
    EXPECT_FALSE(disk->Load(Kind::kScheme).value()) << "nothing yet";
    ASSERT_TRUE(disk->Store(Kind::kScheme, StampOf(1, "one"), "one"));
    ASSERT_TRUE(disk->Store(Kind::kScheme, StampOf(2, "two\nlines\n"), "two\nlines\n"));
    ASSERT_TRUE(disk->Store(Kind::kLoad, StampOf(7, ""), ""));
  }
  const auto disk = LastGood::Open(folder_);
  ASSERT_TRUE(disk) << disk.error().message;
  const auto scheme = disk->Load(Kind::kScheme);
  ASSERT_TRUE(scheme && *scheme);
  EXPECT_EQ((*scheme)->bytes, "two\nlines\n");
  EXPECT_EQ((*scheme)->stamp, StampOf(2, "two\nlines\n"));
  EXPECT_EQ((*disk->Load(Kind::kLoad))->stamp, StampOf(7, ""));
}

TEST_F(LastGoodTest, IsItsOwnersAlone) {
  const auto disk = LastGood::Open(folder_);
  ASSERT_TRUE(disk);
  ASSERT_TRUE(disk->Store(Kind::kScheme, StampOf(1, "key"), "key"));
  EXPECT_EQ(ModeOf(folder_), 0700U);
  EXPECT_EQ(ModeOf(File()), 0600U);
  const auto second = LastGood::Open(folder_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message, folder_ + ": belongs to a running balancer");

  fs::permissions(File(), fs::perms::group_read, fs::perm_options::add);
  const auto read = disk->Load(Kind::kScheme);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message, File() + ": others have access to it; it holds keys");
}

TEST_F(LastGoodTest, RefusesAFolderThatOthersCanOpen) {
  fs::create_directories(folder_);
  fs::permissions(folder_, fs::perms::owner_all | fs::perms::others_exec);
  const auto disk = LastGood::Open(folder_);
  ASSERT_FALSE(disk);
  EXPECT_EQ(disk.error().message, folder_ +
                                      ": others have access to it (mode 0701); mend it with: "
                                      "chmod 700 " +
                                      folder_);
}

TEST_F(LastGoodTest, KnowsWhatItHasNotWritten) {
  const auto disk = LastGood::Open(folder_);
  ASSERT_TRUE(disk);
  ASSERT_TRUE(disk->Store(Kind::kScheme, StampOf(1, "body"), "body"));
  const std::string good = Text();
  struct Row {
    const char* name;
    std::string text;
    const char* says;
  };
  for (const Row& row : {
           Row{"cut off", good.substr(0, good.size() - 1), "its SHA-256 is another"},
           Row{"a byte more", good + "x", "its SHA-256 is another"},
           Row{"empty", "", "does not begin with \"joinery-view 1\""},
           Row{"another version", "joinery-view 2" + good.substr(14), "no view of this version"},
           Row{"no position", "joinery-view 1 x" + good.substr(18), "has no position"},
           Row{"another digest", "joinery-view 1 3.1 sha256 00\nbody", "its SHA-256 is another"},
       }) {
    Overwrite(row.text);
    const auto read = disk->Load(Kind::kScheme);
    ASSERT_FALSE(read) << row.name;
    EXPECT_NE(read.error().message.find(row.says), std::string::npos)
        << row.name << ": " << read.error().message;
  }
  Overwrite(good);
  EXPECT_TRUE(disk->Load(Kind::kScheme));
}

TEST_F(LastGoodTest, KeepsWhatItHasWhenItCannotWrite) {
  const auto disk = LastGood::Open(folder_);
  ASSERT_TRUE(disk);
  ASSERT_TRUE(disk->Store(Kind::kScheme, StampOf(1, "one"), "one"));
  // A folder where the new file would be; root may write anywhere, so no mode helps.
  fs::create_directories(File() + ".new/full");
  const auto stored = disk->Store(Kind::kScheme, StampOf(2, "two"), "two");
  ASSERT_FALSE(stored);
  EXPECT_TRUE(stored.error().message.starts_with(File() + ".new: ")) << stored.error().message;
  EXPECT_EQ((*disk->Load(Kind::kScheme))->bytes, "one");
}

}  // namespace
}  // namespace joinery::follow
