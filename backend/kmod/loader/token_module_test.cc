// Without a module: what can be said then. tests/guest/kmod_test.py runs the rest in a kernel.
#include "backend/kmod/loader/token_module.h"

#include <cerrno>

#include <gtest/gtest.h>

namespace joinery::kmod {
namespace {

TEST(ModuleErrorText, SaysWhatToDo) {
  struct Row {
    int error;
    const char* text;  // part of it
  };
  const Row rows[] = {
      {.error = EEXIST, .text = "loaded already"},
      {.error = ENOENT, .text = "not loaded"},
      {.error = ENOEXEC, .text = "build it again"},
      {.error = ENOKEY, .text = "signed modules only"},
      {.error = EKEYREJECTED, .text = "signed modules only"},
      {.error = EPERM, .text = "needs root"},
      {.error = ENOSYS, .text = "no modules"},
      {.error = ENOMEM, .text = "Cannot allocate memory"},
  };
  for (const Row& row : rows) {
    EXPECT_NE(ModuleErrorText(row.error).find(row.text), std::string::npos)
        << ModuleErrorText(row.error);
  }
}

TEST(TokenModule, NamesTheFileThatIsMissing) {
  const auto loaded = Load("/no/such/module.ko", {}, false);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().message, "/no/such/module.ko: No such file or directory");
}

TEST(TokenModule, SaysThatItIsNotLoaded) {
  const std::string text = "/dev/joinery_token: the module is not loaded";
  const auto status = ReadStatus();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message, text);
  const auto written = WriteScheme({});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message, text);
}

}  // namespace
}  // namespace joinery::kmod
