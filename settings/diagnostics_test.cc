// Each testdata/*.yaml against the diagnostics in the .expected file beside it.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "settings/fake_keys.h"
#include "settings/golden.h"
#include "settings/load.h"

namespace joinery::settings {
namespace {

constexpr char kFolder[] = "settings/testdata/";

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

class Diagnostics : public testing::TestWithParam<std::string> {};

TEST_P(Diagnostics, AreTheExpectedOnes) {
  const std::string file = GetParam() + ".yaml";
  const auto config = LoadText(file, ReadSource(kFolder + file), FakeKeys());
  std::string text;
  if (!config) {
    for (const Diagnostic& diagnostic : config.error()) text += ToString(diagnostic) + "\n";
  }
  ExpectGolden(kFolder + GetParam() + ".expected", text);
}

INSTANTIATE_TEST_SUITE_P(Settings, Diagnostics, testing::ValuesIn(Names()),
                         [](const auto& row) { return row.param; });

TEST(Diagnostics, HaveTestdata) { EXPECT_GE(Names().size(), 10U); }

}  // namespace
}  // namespace joinery::settings
