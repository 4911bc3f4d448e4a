// The core by transcripts: testdata/*.txt, commands of world.h and what the core did. After a
// change that is meant: bazel run //backend/agent/core:transcript_test -- --rewrite
#include <algorithm>
#include <filesystem>
#include <sstream>

#include <gtest/gtest.h>

#include "backend/agent/core/world.h"
#include "settings/golden.h"

namespace joinery::agent {
namespace {

constexpr char kFolder[] = "backend/agent/core/testdata";

// The transcript with its answers made anew: comments and commands stay, answers follow "----".
std::string Replay(const std::string& transcript) {
  World world;
  std::string out;
  std::istringstream in(transcript);
  bool in_answer = false;
  for (std::string line; std::getline(in, line);) {
    if (line.empty()) {
      if (in_answer) out += "\n";
      in_answer = false;
    } else if (line.starts_with("#")) {
      out += line + "\n";
    } else if (!in_answer && line != "----") {
      out += line + "\n----\n" + world.Run(line);
      in_answer = true;
    }
  }
  return out;
}

TEST(Core, FollowsItsTranscripts) {
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    const std::string path = entry.path().string();
    SCOPED_TRACE(path);
    settings::ExpectGolden(path, Replay(settings::ReadSource(path)));
    ++count;
  }
  EXPECT_GE(count, 6U);
}

}  // namespace
}  // namespace joinery::agent
