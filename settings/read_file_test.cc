#include "settings/read_file.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include <sys/stat.h>

namespace joinery::settings {
namespace {

std::string Path(const std::string& name) { return testing::TempDir() + "/" + name; }

std::string Reason(const std::string& path) {
  const auto file = ReadFile(path, 4);
  return file ? "read" : file.error().message;
}

TEST(ReadFile, GivesBytesAndMode) {
  const std::string path = Path("plain");
  std::ofstream(path) << std::string("a\0b\n", 4);
  ASSERT_EQ(chmod(path.c_str(), 0640), 0);
  const auto file = ReadFile(path, 4);
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->bytes, std::string("a\0b\n", 4));
  EXPECT_EQ(file->mode & 07777, mode_t{0640});
}

TEST(ReadFile, SaysWhyNot) {
  EXPECT_EQ(Reason(Path("none")), "cannot be opened: No such file or directory");
  EXPECT_EQ(Reason(testing::TempDir()), "is a directory; expected a file");
  std::ofstream(Path("long")) << "12345";
  EXPECT_EQ(Reason(Path("long")), "is longer than 4 bytes");
}

TEST(ReadFile, DoesNotWaitForAPipe) {
  const std::string path = Path("pipe");
  std::filesystem::remove(path);
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(Reason(path), "is not a regular file");
}

}  // namespace
}  // namespace joinery::settings
