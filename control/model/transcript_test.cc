// Plays every file of testdata and compares the whole output. A difference is read first, and then
// taken over by `bazel run //control/model:transcript_test -- --rewrite`.
#include "control/model/transcript.h"

#include <filesystem>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "settings/golden.h"

namespace joinery::control {
namespace {

std::vector<std::string> Files() {
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator("control/model/testdata")) {
    if (entry.path().extension() == ".txt") files.insert(entry.path().string());
  }
  return {files.begin(), files.end()};
}

class Transcripts : public testing::TestWithParam<std::string> {};

TEST_P(Transcripts, PlayAsWritten) {
  Transcript transcript;
  const std::string played = transcript.Play(settings::ReadSource(GetParam()));
  settings::ExpectGolden(GetParam(), played);
  EXPECT_THAT(transcript.broken(), testing::IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(All, Transcripts, testing::ValuesIn(Files()),
                         [](const testing::TestParamInfo<std::string>& file) {
                           return std::filesystem::path(file.param).stem().string();
                         });

}  // namespace
}  // namespace joinery::control
