#include "settings/key_file.h"

#include <fstream>

#include <gtest/gtest.h>

#include <sys/stat.h>

namespace joinery::settings {
namespace {

constexpr char kDigits[] = "00112233445566778899aabbccddeeFF";
constexpr Key128::Bytes kKey = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
                                0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};

std::string Write(const std::string& text, mode_t mode) {
  const std::string path = testing::TempDir() + "/k.key";
  std::ofstream(path) << text;
  EXPECT_EQ(chmod(path.c_str(), mode), 0);
  return path;
}

struct Row {
  const char* name;
  std::string text;
  mode_t mode = 0600;
  const char* error = "";  // a part of it; empty: the key is read
};

const Row kRows[] = {
    {.name = "digits only", .text = kDigits},
    {.name = "with a line end", .text = std::string(kDigits) + "\n"},
    {.name = "with a line end from elsewhere", .text = std::string(kDigits) + "\r\n"},
    {.name = "read only", .text = kDigits, .mode = 0400},
    {.name = "group may read", .text = kDigits, .mode = 0640, .error = "has mode 0640"},
    {.name = "others may read", .text = kDigits, .mode = 0604, .error = "mend: chmod 600"},
    {.name = "others may write", .text = kDigits, .mode = 0602, .error = "has mode 0602"},
    {.name = "empty", .text = "", .error = "holds 0 characters; expected 32 hexadecimal digits"},
    {.name = "a digit short",
     .text = std::string(kDigits).substr(1),
     .error = "holds 31 characters"},
    {.name = "a digit long", .text = std::string(kDigits) + "0", .error = "holds 33 characters"},
    {.name = "much longer", .text = std::string(4096, '1'), .error = "is longer than 34 bytes"},
    {.name = "no digits", .text = std::string(32, 'x'), .error = "does not hold 32 hexadecimal"},
    {.name = "binary", .text = std::string(16, '\xff'), .error = "holds 16 characters"},
    {.name = "never filled in", .text = std::string(32, '0'), .error = "holds only zeros"},
};

TEST(KeyFile, IsReadOnlyWhenItIsASecret) {
  for (const Row& row : kRows) {
    const auto key = ReadKeyFile(Write(row.text, row.mode));
    if (*row.error == '\0') {
      ASSERT_TRUE(key) << row.name << ": " << key.error().message;
      EXPECT_EQ(*key, Key128(kKey)) << row.name;
    } else {
      ASSERT_FALSE(key) << row.name;
      EXPECT_NE(key.error().message.find(row.error), std::string::npos) << key.error().message;
      const bool shown =
          row.text.size() > 15 && key.error().message.find(row.text) != std::string::npos;
      EXPECT_FALSE(shown) << row.name << " shows the secret: " << key.error().message;
    }
  }
}

TEST(KeyFile, SaysHowToMakeOne) {
  const auto key = ReadKeyFile("/nowhere/web.key");
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().message,
            "key file \"/nowhere/web.key\" cannot be opened: No such file or directory; make one "
            "with: (umask 077; openssl rand -hex 16 > /nowhere/web.key)");
}

TEST(KeyFile, IsFoundBesideTheConfiguration) {
  const std::string path = Write(kDigits, 0600);
  EXPECT_EQ(KeyFilesIn(testing::TempDir())("k.key"), kKey);
  EXPECT_EQ(KeyFilesIn("/nowhere")(path), kKey) << "an absolute path stays as it is";
}

}  // namespace
}  // namespace joinery::settings
