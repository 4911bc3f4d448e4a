// Tests against expected output that is kept in files beside them. A difference is read first, and
// then taken over by `bazel run //...:NAME -- --rewrite`.
#pragma once

#include <string>
#include <string_view>

namespace joinery::settings {

// The text of a file of the source tree, `path` from its top; the test fails when there is none.
[[nodiscard]] std::string ReadSource(const std::string& path);

// Fails when the file does not hold `actual`; with --rewrite it does from now on.
void ExpectGolden(const std::string& path, std::string_view actual);

// For main(): takes --rewrite out of the arguments.
void InitGolden(int argc, char** argv);

}  // namespace joinery::settings
