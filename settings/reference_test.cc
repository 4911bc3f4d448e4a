#include "settings/reference.h"

#include <gtest/gtest.h>

#include "settings/golden.h"

namespace joinery::settings {
namespace {

// Each page is an introduction by hand, and below the mark the tables.
void ExpectTables(const std::string& path, std::string_view header, const std::string& tables) {
  const std::string mark = "<!-- What follows is made from " + std::string(header) +
                           ": bazel run //settings:reference_test -- --rewrite -->\n\n";
  const std::string page = ReadSource(path);
  const size_t at = page.find(mark);
  ASSERT_NE(at, std::string::npos) << path << " has lost its mark";
  ExpectGolden(path, page.substr(0, at) + mark + tables);
}

TEST(Reference, BalancersPageHoldsTheTables) {
  ExpectTables("docs/configuration.md", "settings/keys.h", ReferenceTables());
}

TEST(Reference, ControlsPageHoldsTheTables) {
  ExpectTables("docs/control-configuration.md", "settings/control_file_keys.h",
               ControlReferenceTables());
}

}  // namespace
}  // namespace joinery::settings
