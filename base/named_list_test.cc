#include "base/named_list.h"

#include <gtest/gtest.h>

namespace joinery {
namespace {

#define JOINERY_COLOURS(X)              \
  X(kRed, "red", "as a fire engine is") \
  X(kBlue, "blue", "as the sea is")
JOINERY_NAMED_LIST(Colour, JOINERY_COLOURS);

TEST(NamedList, GivesConstantsNamesAndTexts) {
  static_assert(kColourCount == 2);
  EXPECT_EQ(static_cast<int>(Colour::kRed), 0);
  EXPECT_EQ(static_cast<int>(Colour::kBlue), 1);
  EXPECT_EQ(Name(Colour::kBlue), "blue");
  EXPECT_EQ(Text(Colour::kRed), "as a fire engine is");
  EXPECT_EQ(kColourNames[1], Name(Colour::kBlue));
}

}  // namespace
}  // namespace joinery
