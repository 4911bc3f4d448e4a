#include "settings/golden.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

namespace joinery::settings {
namespace {

bool rewrite = false;

}  // namespace

std::string ReadSource(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path << " is not among the test's data";
  return {std::istreambuf_iterator<char>(file), {}};
}

void ExpectGolden(const std::string& path, std::string_view actual) {
  if (rewrite) {
    const char* top = std::getenv("BUILD_WORKSPACE_DIRECTORY");  // set by `bazel run`
    ASSERT_NE(top, nullptr) << "--rewrite works with `bazel run` only";
    std::ofstream(std::string(top) + "/" + path, std::ios::binary) << actual;
    return;
  }
  std::ifstream file(path, std::ios::binary);
  const std::string expected{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(expected, actual) << "the output is no longer that of " << path
                              << "; if it should be: bazel run TEST -- --rewrite";
}

void InitGolden(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) rewrite = rewrite || std::string_view(argv[i]) == "--rewrite";
}

}  // namespace joinery::settings

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  joinery::settings::InitGolden(argc, argv);
  return RUN_ALL_TESTS();
}
