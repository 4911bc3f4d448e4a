#include "api/pki/new_file.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace joinery::api {
namespace {

namespace fs = std::filesystem;

class NewFileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = fs::temp_directory_path() / "joinery-new-file.XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }
  static std::string Read(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  size_t Files() const {
    return static_cast<size_t>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  fs::path folder_;
};

TEST_F(NewFileTest, IsWrittenWithItsModeAndNeverOverAnother) {
  const std::string path = folder_ / "key";
  ASSERT_TRUE(WriteNewFile(path, "first", 0600).has_value());
  EXPECT_EQ(fs::status(path).permissions(), fs::perms(0600));
  const auto again = WriteNewFile(path, "second", 0600);
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().message, path + ": exists; it is left alone");
  EXPECT_EQ(Read(path), "first");
  EXPECT_EQ(Files(), 1U);
}

TEST_F(NewFileTest, IsReplacedWhole) {
  const std::string path = folder_ / "list";
  ASSERT_TRUE(ReplaceFile(path, "a long first text", 0644).has_value());
  ASSERT_TRUE(ReplaceFile(path, "second", 0644).has_value());
  EXPECT_EQ(Read(path), "second");
  EXPECT_EQ(fs::status(path).permissions(), fs::perms(0644));
  EXPECT_EQ(Files(), 1U);
}

TEST_F(NewFileTest, WithoutAFolderIsAnError) {
  const std::string path = folder_ / "none" / "x";
  const auto written = WriteNewFile(path, "x", 0600);
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().message, path + ": cannot be written: No such file or directory");
  EXPECT_FALSE(ReplaceFile(path, "x", 0600).has_value());
}

}  // namespace
}  // namespace joinery::api
