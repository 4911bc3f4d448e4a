#include "settings/reference.h"

#include <gtest/gtest.h>

#include "settings/golden.h"

namespace joinery::settings {
namespace {

constexpr char kPage[] = "docs/configuration.md";
constexpr char kMark[] =
    "<!-- What follows is made from settings/keys.h: bazel run "
    "//settings:reference_test -- --rewrite -->\n\n";

// The page is an introduction by hand, and below the mark the tables.
TEST(Reference, PageHoldsTheTables) {
  const std::string page = ReadSource(kPage);
  const size_t mark = page.find(kMark);
  ASSERT_NE(mark, std::string::npos) << kPage << " has lost its mark";
  ExpectGolden(kPage, page.substr(0, mark) + kMark + ReferenceTables());
}

}  // namespace
}  // namespace joinery::settings
