// The files of vectors that several languages share: read by a test, and written anew by its
// --rewrite.
#pragma once

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace joinery::tokenmap {

// `path` is from the top of the tree.
[[nodiscard]] inline std::string ReadVectors(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The exit status of a program.
[[nodiscard]] inline int RewriteVectors(const std::string& path, std::string_view text) {
  const char* workspace = std::getenv("BUILD_WORKSPACE_DIRECTORY");
  if (workspace == nullptr) {
    fmt::print(stderr, "run it with bazel run, so that it knows where the source is\n");
    return 1;
  }
  std::ofstream file(fmt::format("{}/{}", workspace, path));
  file << text;
  return file ? 0 : 1;
}

// main() of such a test. `write` computes what the file should hold.
[[nodiscard]] inline int RunVectors(int argc, char** argv, const std::string& path,
                                    std::string (*write)()) {
  testing::InitGoogleTest(&argc, argv);
  if (argc == 2 && std::string_view(argv[1]) == "--rewrite") return RewriteVectors(path, write());
  return RUN_ALL_TESTS();
}

}  // namespace joinery::tokenmap
